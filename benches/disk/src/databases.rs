//! SQLite and redb, each as durable as it can be and as quick as it is then.

use crate::contenders::{Contender, same};
use crate::records::Records;
use redb::{Database, Durability, ReadableDatabase, ReadableTableMetadata, TableDefinition};
use rusqlite::Connection;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

fn told(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

/// SQLite with a write-ahead log (`journal_mode=WAL`, `synchronous=FULL`: the log is synced at each commit), the insertion prepared once.
pub struct Sqlite {
    connection: Connection,
    records: Records,
    batch: usize,
    count: u64,
}

impl Sqlite {
    pub fn new(folder: &Path, batch: usize) -> io::Result<Sqlite> {
        fs::create_dir_all(folder)?;
        let connection = Connection::open(folder.join("records.sqlite")).map_err(told)?;
        let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0)).map_err(told)?;
        if mode != "wal" {
            return Err(io::Error::other(format!("SQLite has journal_mode={mode} here")));
        }
        connection.execute_batch("PRAGMA synchronous=FULL").map_err(told)?;
        connection
            .execute_batch("CREATE TABLE records (number INTEGER PRIMARY KEY, content BLOB NOT NULL)")
            .map_err(told)?;
        Ok(Sqlite { connection, records: Records::new(), batch, count: 0 })
    }
}

impl Contender for Sqlite {
    fn commits(&mut self, count: usize, taken: &mut Vec<Duration>) -> io::Result<()> {
        for _ in 0..count {
            let made = (0..self.batch).map(|_| self.records.bytes()).collect::<io::Result<Vec<_>>>()?;
            let began = Instant::now();
            let transaction = self.connection.transaction().map_err(told)?;
            {
                let mut insert =
                    transaction.prepare_cached("INSERT INTO records (content) VALUES (?1)").map_err(told)?;
                for bytes in &made {
                    insert.execute([bytes]).map_err(told)?;
                }
            }
            transaction.commit().map_err(told)?;
            taken.push(began.elapsed());
            self.count += made.len() as u64;
        }
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        let count: i64 =
            self.connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).map_err(told)?;
        same("SQLite", count as u64, self.count)
    }
}

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

/// redb with `Durability::Immediate`.
pub struct Redb {
    database: Database,
    records: Records,
    batch: usize,
    count: u64,
}

impl Redb {
    pub fn new(folder: &Path, batch: usize) -> io::Result<Redb> {
        fs::create_dir_all(folder)?;
        let database = Database::create(folder.join("records.redb")).map_err(told)?;
        Ok(Redb { database, records: Records::new(), batch, count: 0 })
    }
}

impl Contender for Redb {
    fn commits(&mut self, count: usize, taken: &mut Vec<Duration>) -> io::Result<()> {
        for _ in 0..count {
            let made = (0..self.batch).map(|_| self.records.bytes()).collect::<io::Result<Vec<_>>>()?;
            let began = Instant::now();
            let mut transaction = self.database.begin_write().map_err(told)?;
            transaction.set_durability(Durability::Immediate).map_err(told)?;
            {
                let mut table = transaction.open_table(TABLE).map_err(told)?;
                for bytes in &made {
                    self.count += 1;
                    table.insert(self.count, bytes.as_slice()).map_err(told)?;
                }
            }
            transaction.commit().map_err(told)?;
            taken.push(began.elapsed());
        }
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        let transaction = self.database.begin_read().map_err(told)?;
        let table = transaction.open_table(TABLE).map_err(told)?;
        same("redb", table.len().map_err(told)?, self.count)
    }
}
