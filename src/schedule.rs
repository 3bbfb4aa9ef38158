//! `audit_schedule_jobs()`: schedules archiving, partition maintenance and sealing with pg_cron, under the names and with the commands of the documentation.
//! All jobs run as the owner of the extension, and pg_cron replaces a job of the same name and user. So calling the function twice changes nothing.

use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;

use crate::cluster::{self, node};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::role::Acting;
use crate::pg::rows::Rows;
use crate::pg::{citus, datum, quote, raise, spi};
use crate::storage::Storage;

/// pg_cron is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoScheduler {
    /// The calls that would schedule the jobs.
    pub calls: String,
}

impl IntoReport for NoScheduler {
    fn report(&self) -> Report {
        Report::new(SqlState::FeatureNotSupported, "pg_cron is not installed in this database")
            .hint(format!("CREATE EXTENSION pg_cron, or run these by a scheduler of your own: {}.", self.calls))
    }
}

pub struct Job {
    pub name: &'static str,
    schedule: &'static str,
    function: &'static str,
}

/// Archiving and making partitions are jobs of their own: if one fails, the other is not undone.
pub const JOBS: [Job; 4] = [
    Job { name: "archive_old_audit_events", schedule: "0 2 * * *", function: "archive_old_audit_events()" },
    Job { name: "create_monthly_audit_partition", schedule: "0 1 1 * *", function: "create_monthly_audit_partition()" },
    // A month that was missed is made a day later, not a month later.
    Job {
        name: "create_monthly_audit_partition_daily",
        schedule: "30 1 * * *",
        function: "create_monthly_audit_partition()",
    },
    Job { name: SEAL, schedule: "* * * * *", function: "audit_seal()" },
];

pub const SEAL: &str = "audit_seal";
/// How often sealing is run, where pg_cron counts seconds.
const SEALING: &str = "10 seconds";
/// The first version that does.
const COUNTS_SECONDS: (u32, u32) = (1, 5);

impl Job {
    /// As in the documentation where the extension is in `public`; qualified elsewhere, for the job has no search_path.
    pub fn command(&self, storage: &Storage) -> String {
        match storage.schema_name.as_str() {
            "public" => format!("SELECT {}", self.function),
            schema => format!("SELECT {schema}.{}", self.function),
        }
    }

    /// A condition for a row `job` of pg_cron: it does this job, in words of its own perhaps, as somebody who may. Whoever may use pg_cron can give a job any name.
    pub fn is_done_by(&self, storage: &Storage) -> String {
        let function = self.function.trim_end_matches("()");
        // The procedure archives in many transactions.
        let calls = if function == "archive_old_audit_events" { "archive_(old_)?audit_events" } else { function };
        format!(
            "job.command ~* {} AND EXISTS (SELECT FROM pg_catalog.pg_roles AS role JOIN pg_catalog.pg_proc AS function \
             ON function.pronamespace = {} AND function.proname = {} WHERE role.rolname = job.username \
             AND pg_catalog.has_function_privilege(role.oid, function.oid, 'EXECUTE'))",
            quote::literal(&format!("\\m{calls}\"?\\s*[(]")),
            storage.schema.to_u32(),
            quote::literal(function)
        )
    }
}

/// Whether pg_cron is installed in this database.
pub fn has_pg_cron() -> bool {
    version_of_pg_cron().is_some()
}

fn version_of_pg_cron() -> Option<String> {
    spi::find_row("SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'", |row| row.text(1))
}

/// Whether a version such as `1.4-1` or `1.6` counts seconds.
fn counts_seconds(version: &str) -> bool {
    let mut numbers = version.split(['.', '-']).map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= COUNTS_SECONDS
}

/// `audit_schedule_jobs()`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let Some(version) = version_of_pg_cron() else {
        let calls: Vec<String> =
            JOBS.iter().map(|job| format!("{} ({})", job.command(&storage), job.schedule)).collect();
        return Err(NoScheduler { calls: calls.join("; ") }.into());
    };
    for job in &JOBS {
        let wanted = if job.name == SEAL && counts_seconds(&version) { SEALING } else { job.schedule };
        let schedule = scheduled_by_others(&storage, job).unwrap_or_else(|| {
            spi::run(&format!(
                "SELECT cron.schedule({}, {}, {})",
                quote::literal(job.name),
                quote::literal(wanted),
                quote::literal(&job.command(&storage)),
            ));
            wanted.to_owned()
        });
        rows.push(&[job.name, &schedule].map(|text| Some(datum::from_text(text.as_bytes()))));
    }
    tell_of_nodes_without(&storage);
    Ok(Answer::Nothing)
}

/// Each node of a cluster keeps its own months and seals its own log, so each has jobs of its own.
fn tell_of_nodes_without(storage: &Storage) {
    if !cluster::is_enabled(storage) {
        return;
    }
    let query = storage.fill(include_str!("../sql/cluster/jobs.sql"), &[]);
    let _owner = Acting::as_owner(storage.owner);
    for (node, answer) in citus::ask(&node::others(), &query) {
        match answer.map(|count| count.parse().unwrap_or(0)) {
            Ok(count) if count == JOBS.len() => (),
            Ok(count) => raise::notice(format!(
                "node {} has {count} of the {} jobs: call audit_schedule_jobs() there, too",
                node.name(),
                JOBS.len()
            )),
            Err(reason) => raise::notice(format!("node {} does not say which jobs it has: {reason}", node.name())),
        }
    }
}

/// The schedule of a job of this name that belongs to somebody else.
fn scheduled_by_others(storage: &Storage, job: &Job) -> Option<String> {
    let sql = format!(
        "SELECT schedule, username FROM cron.job AS job WHERE jobname = {} AND database = pg_catalog.current_database() \
         AND username <> CURRENT_USER AND active AND {}",
        quote::literal(job.name),
        job.is_done_by(storage)
    );
    let (schedule, user) = spi::find_row(&sql, |row| row.text(1).zip(row.text(2)))?;
    raise::notice(format!("job {} is scheduled by {user} already", job.name));
    Some(schedule)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn seconds_are_counted_from_a_version_on() {
        let counting: Vec<_> =
            ["1.3", "1.4-1", "1.5", "1.6", "1.10", "2.0", ""].into_iter().map(counts_seconds).collect();
        assert_eq!(counting, [false, false, true, true, true, true, false]);
    }

    #[test]
    fn jobs_have_names_of_their_own() {
        let names: BTreeSet<_> = JOBS.iter().map(|job| job.name).collect();
        assert_eq!(names.len(), JOBS.len());
    }
}
