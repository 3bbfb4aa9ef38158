//! The connection, from a URL and the variables that libpq knows. A password never stands in an argument, which other users of the machine see.

use std::time::Duration;

use postgres::config::Host;
use postgres::{Client, Config};

use super::error::DatabaseError;
use super::named::Named;
use super::passfile::{self, Target};
use super::tls::Demand;
use crate::report;

const APPLICATION: &str = "audit-cold";
/// A server that is gone is noticed within two minutes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 6;
const UNACKNOWLEDGED: Duration = Duration::from_secs(90);

/// What the server does for itself, should this program be gone; and what a role or a database may have set otherwise, which is not meant for work that
/// takes its time or that reads dates.
const SETTINGS: &str = "SET statement_timeout = 0; SET DateStyle = 'ISO, YMD'; SET idle_in_transaction_session_timeout = '60s'; SET tcp_keepalives_idle = '30s'; \
     SET tcp_keepalives_interval = '10s'; SET tcp_keepalives_count = 6; SET TimeZone = 'UTC'";

/// Connects to what was named by a URL or by `name=value` pairs, completed from the environment.
pub fn connect(named: Option<&str>) -> Result<Client, DatabaseError> {
    let Named { rest, mode, root } = Named::parse(named.unwrap_or_default())?;
    let mut config: Config = rest.parse().map_err(|error: postgres::Error| DatabaseError::from(error))?;
    if config.get_password().is_some() {
        return Err(DatabaseError::new(
            "a password in --database is seen by others: give it as PGPASSWORD or in the file PGPASSFILE",
        ));
    }
    complete(&mut config)?;
    let mode = mode.or_else(|| variable("PGSSLMODE"));
    let root = root.or_else(|| variable("PGSSLROOTCERT")).or_else(root_of_user);
    let demand = Demand::parse(mode.as_deref(), root.as_deref())?;
    config
        .application_name(APPLICATION)
        .ssl_mode(demand.mode)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_user_timeout(UNACKNOWLEDGED)
        .keepalives(true)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .notice_callback(|notice| {
            report::complain(&format!("{}: {}", notice.severity().to_lowercase(), notice.message()))
        });
    let mut client = config.connect(demand.connector()?)?;
    client.batch_execute(SETTINGS)?;
    Ok(client)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The authorities that libpq believes where no others are named.
fn root_of_user() -> Option<String> {
    let file = std::path::Path::new(&std::env::var_os("HOME")?).join(".postgresql/root.crt");
    file.is_file().then(|| file.to_str().map(str::to_owned))?
}

/// What is not named comes from the environment, and the password from there alone.
fn complete(config: &mut Config) -> Result<(), DatabaseError> {
    if config.get_hosts().is_empty() {
        config.host(&variable("PGHOST").unwrap_or_else(|| "/var/run/postgresql".to_owned()));
    }
    if let (true, Some(port)) = (config.get_ports().is_empty(), variable("PGPORT")) {
        config.port(port.parse().map_err(|_| DatabaseError::new("PGPORT is no port"))?);
    }
    if let (None, Some(user)) = (config.get_user(), variable("PGUSER").or_else(|| variable("USER"))) {
        config.user(&user);
    }
    if let (None, Some(database)) = (config.get_dbname(), variable("PGDATABASE")) {
        config.dbname(&database);
    }
    if let Some(password) = variable("PGPASSWORD").or_else(|| password_from_file(config)) {
        config.password(password);
    }
    Ok(())
}

fn password_from_file(config: &Config) -> Option<String> {
    let host = match config.get_hosts().first()? {
        Host::Tcp(name) => name.as_str(),
        // As libpq does for its default folder; here for any.
        #[cfg(unix)]
        Host::Unix(_) => "localhost",
    };
    let user = config.get_user()?;
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().unwrap_or(user);
    passfile::password(&passfile::path()?, &Target { host, port, database, user })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        let error = connect(Some("postgres://cold:secret@nowhere.invalid/audit")).err().unwrap().to_string();
        assert!(error.contains("PGPASSWORD") && !error.contains("secret"), "{error}");
    }
}
