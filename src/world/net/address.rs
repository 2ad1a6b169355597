//! Where a host listens: `tcp://10.0.0.7:9009`, `tls://pos.example:9009`.

use crate::script_error::catalogue::network;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// An address, as it is written on a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// With TLS around the frames.
    pub tls: bool,
    /// A name or a number.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// Reads `tcp://HOST:PORT`, `tls://HOST:PORT`, or `HOST:PORT` for TCP. `T5301` says what is wrong.
    pub fn parse(text: &str) -> Result<Address, Failure> {
        let wrong = |zh: &str, en: &str| {
            Failure::new(network::BAD_ADDRESS).text("address", text).fact("hint", Fact::Said(Said::new(zh, en)))
        };
        let (tls, rest) = match text.split_once("://") {
            Some(("tcp", rest)) => (false, rest),
            Some(("tls", rest)) => (true, rest),
            Some(_) => return Err(wrong("地址以 tcp:// 或 tls:// 开头", "an address begins with tcp:// or tls://")),
            None => (false, text),
        };
        let no_port = || wrong("缺少端口，如 tcp://127.0.0.1:9009", "the port is missing, as in tcp://127.0.0.1:9009");
        let (host, port) = rest.rsplit_once(':').ok_or_else(no_port)?;
        let port = port.parse().ok().filter(|port| *port > 0 || host.parse::<IpAddr>().is_ok()).ok_or_else(no_port)?;
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(inner) => inner.parse::<Ipv6Addr>().map(|ip| ip.to_string()).map_err(|_| ()),
            None => is_name(host).then(|| host.to_owned()).ok_or(()),
        };
        let host = host.map_err(|()| {
            wrong(
                "主机应为名称或 IP 地址，IPv6 写在方括号中",
                "the host is a name or an IP address, IPv6 in square brackets",
            )
        })?;
        Ok(Address { tls, host, port })
    }

    /// The host as a number, where it is written as one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// True if nobody but this machine can get there.
    pub fn is_loopback(&self) -> bool {
        host_is_here(&self.host)
    }

    /// `HOST:PORT`, without the scheme.
    pub fn socket(&self) -> String {
        match self.ip() {
            Some(IpAddr::V6(ip)) => format!("[{ip}]:{}", self.port),
            _ => format!("{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "tls" } else { "tcp" }, self.socket())
    }
}

fn host_is_here(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Letters, digits, dots and hyphens, as names of hosts are made of.
fn is_name(host: &str) -> bool {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-' | '_');
    !host.is_empty() && host.len() <= 253 && host.chars().all(sign)
}
