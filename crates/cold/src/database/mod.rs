//! The trail's database: the functions that move objects on, and the tables that tell of them.

mod catalog;
mod chunk;
mod connect;
mod copy;
mod error;
mod named;
mod passfile;
mod steps;
mod tls;

use postgres::Client;
use postgres::types::ToSql;

pub use self::catalog::{Object, Selection};
pub use self::copy::Chunks;
pub use self::error::DatabaseError;
pub use self::steps::{Begun, Due, Grounds};

pub struct Database {
    client: Client,
    named: Option<String>,
}

impl Database {
    pub fn connect(named: Option<&str>) -> Result<Database, DatabaseError> {
        Ok(Database { client: session(named)?, named: named.map(str::to_owned) })
    }

    /// For a statement with a chunk. A session keeps the memory of its longest messages, those that it sent and those that came, for as long as it lasts;
    /// so it has one of its own. The other stays, because an open object is discarded by others when the session that began it is gone.
    fn row_aside(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<postgres::Row, DatabaseError> {
        Ok(session(self.named.as_deref())?.query_one(sql, parameters)?)
    }

    fn rows(&mut self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<postgres::Row>, DatabaseError> {
        Ok(self.client.query(sql, parameters)?)
    }

    fn row(&mut self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<postgres::Row, DatabaseError> {
        Ok(self.client.query_one(sql, parameters)?)
    }
}

fn session(named: Option<&str>) -> Result<Client, DatabaseError> {
    let mut client = connect::connect(named)?;
    let schema = "SELECT pg_catalog.quote_ident(nspname) FROM pg_catalog.pg_extension \
         JOIN pg_catalog.pg_namespace AS schema ON schema.oid = extnamespace WHERE extname = 'audit_ext'";
    let Some(found) = client.query_opt(schema, &[])? else {
        return Err(DatabaseError::new("the extension audit_ext is not in this database"));
    };
    let schema: String = found.get(0);
    client.batch_execute(&format!("SET search_path = pg_catalog, {schema}, pg_temp"))?;
    Ok(client)
}
