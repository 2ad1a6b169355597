//! Who the first three characters of a merchant number name.
//!
//! Banks: multiple public tables of slip numbers agree. Payment companies: one or two public tables each, collected
//! 2026-11; a company may hold more numbers than are listed, and none here means nothing by itself.

/// A receiving institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Institution {
    /// Its three characters.
    pub code: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Short names that people say, for finding it by name.
    pub said: &'static [&'static str],
    /// A bank; otherwise a payment company, which needs a licence of its own.
    pub is_bank: bool,
}

macro_rules! institutions {
    ($( $code:literal $kind:ident $zh:literal $en:literal $said:tt )*) => {
        /// The institutions whose numbers are public.
        pub const INSTITUTIONS: &[Institution] = &[ $( Institution {
            code: $code, zh: $zh, en: $en, said: &$said, is_bank: institutions!(@ $kind),
        } ),* ];
    };
    (@ bank) => { true };
    (@ company) => { false };
}

institutions! {
    "001" company "中国银联" "China UnionPay" ["银联"]
    "100" bank "邮政储蓄银行" "Postal Savings Bank" ["邮储", "邮政", "psbc"]
    "102" bank "工商银行" "ICBC" ["工行", "工商", "icbc"]
    "103" bank "农业银行" "Agricultural Bank of China" ["农行", "农业", "abc"]
    "104" bank "中国银行" "Bank of China" ["中行", "boc"]
    "105" bank "建设银行" "China Construction Bank" ["建行", "建设", "ccb"]
    "301" bank "交通银行" "Bank of Communications" ["交行", "交通", "bocom"]
    "302" bank "中信银行" "CITIC Bank" ["中信", "citic"]
    "303" bank "光大银行" "Everbright Bank" ["光大", "ceb"]
    "304" bank "华夏银行" "Hua Xia Bank" ["华夏", "hxb"]
    "305" bank "民生银行" "Minsheng Bank" ["民生", "cmbc"]
    "306" bank "广发银行" "Guangfa Bank" ["广发", "cgb"]
    "307" bank "平安银行" "Ping An Bank" ["平安银行", "深发展", "pab"]
    "308" bank "招商银行" "China Merchants Bank" ["招行", "招商", "cmb"]
    "309" bank "兴业银行" "Industrial Bank" ["兴业", "cib"]
    "310" bank "浦发银行" "SPD Bank" ["浦发", "spdb"]
    "802" company "银联商务" "UnionPay Merchant Services" ["银联商务", "银商", "ums"]
    "806" company "银联商务" "UnionPay Merchant Services" ["银联商务", "银商", "ums"]
    "811" company "银联商务" "UnionPay Merchant Services" ["银联商务", "银商", "ums"]
    "812" company "快钱" "99Bill" ["快钱", "99bill"]
    "815" company "网银在线" "Chinabank Payments" ["网银在线"]
    "818" company "富友支付" "Fuiou Pay" ["富友", "fuiou"]
    "820" company "盛付通" "Shengpay" ["盛付通", "shengpay"]
    "821" company "通联支付" "Allinpay" ["通联", "allinpay"]
    "822" company "拉卡拉" "Lakala" ["拉卡拉", "lakala"]
    "823" company "汇付天下" "Huifu" ["汇付", "huifu"]
    "825" company "易宝支付" "YeePay" ["易宝", "yeepay"]
    "826" company "银盛支付" "Yinsheng Pay" ["银盛", "yinsheng"]
    "827" company "杉德" "Sand" ["杉德", "sandpay"]
    "828" company "平安付" "Ping An Pay" ["平安付"]
    "829" company "联动优势" "UMF" ["联动优势", "联动"]
    "833" company "海科融通" "Hkrt" ["海科", "hkrt"]
    "836" company "随行付" "Suixingpay" ["随行付"]
    "898" company "银联商务" "UnionPay Merchant Services" ["银联商务", "银商", "ums"]
}

/// The institution of a number's first three characters.
pub fn of_code(code: &str) -> Option<&'static Institution> {
    INSTITUTIONS.iter().find(|row| row.code == code)
}

/// The institutions that a person may mean by a name or a number; several numbers may belong to one.
pub fn meant(said: &str) -> Vec<&'static Institution> {
    let said = said.trim().to_lowercase();
    if said.is_empty() {
        return Vec::new();
    }
    let fits = |row: &&Institution| {
        row.code == said
            || said.contains(row.zh)
            || said.contains(&row.en.to_lowercase())
            || row.said.iter().any(|short| if short.is_ascii() { said == *short } else { said.contains(short) })
    };
    let found: Vec<&Institution> = INSTITUTIONS.iter().filter(fits).collect();
    // 银联商务 is not 中国银联: the longer name is the one that was meant.
    let merchant_services = found.iter().any(|row| row.zh == "银联商务");
    found.into_iter().filter(|row| !(merchant_services && row.code == "001")).collect()
}
