//! The jobs of pg_cron: whether they exist, are active, and how their last run ended.

use audit_core::health::Finding;

use crate::pg::{quote, spi};
use crate::schedule::{self, JOBS, Job, SEAL};
use crate::storage::Storage;

const CHECK: &str = "scheduled_jobs";
const SCHEDULE: &str = "Run audit_schedule_jobs().";

/// A job as pg_cron has it.
struct Scheduled {
    is_active: bool,
    /// Status and message of its last run.
    last: Option<(String, String)>,
}

pub fn scheduled(storage: &Storage) -> Vec<Finding> {
    if !schedule::has_pg_cron() {
        return vec![Finding::warn(
            CHECK,
            "pg_cron is not installed in this database",
            "Have a scheduler call archive_old_audit_events() and create_monthly_audit_partition() every day, and audit_seal() every ten seconds.",
        )];
    }
    // Sealing may be a service's work; whether it is done is another check.
    let is_asked = |(job, scheduled): &(&Job, Option<Scheduled>)| scheduled.is_some() || job.name != SEAL;
    let jobs = JOBS.iter().map(|job| (job, find(storage, job))).filter(is_asked);
    jobs.map(|(job, scheduled)| assess(job.name, scheduled.as_ref())).collect()
}

fn find(storage: &Storage, job: &Job) -> Option<Scheduled> {
    let values = [("name", quote::literal(job.name)), ("is_done_by", job.is_done_by(storage))];
    let sql = spi::fill(include_str!("../../sql/health/job.sql"), &values);
    spi::rows(&sql, |row| Some(Scheduled { is_active: row.bool(1)?, last: row.text(2).zip(row.text(3)) }))
        .into_iter()
        .flatten()
        .next()
}

fn assess(name: &str, job: Option<&Scheduled>) -> Finding {
    match job {
        None => Finding::warn(CHECK, format!("there is no job {name}"), SCHEDULE),
        Some(Scheduled { is_active: false, .. }) => {
            Finding::warn(CHECK, format!("job {name} is not active"), "SELECT cron.alter_job(jobid, active => true).")
        }
        Some(Scheduled { last: Some((status, message)), .. }) if status == "failed" => Finding::fail(
            CHECK,
            format!("the last run of job {name} failed: {}", message.trim()),
            "Mend what the message tells, then run the command by hand.",
        ),
        Some(Scheduled { last: None, .. }) => {
            Finding::ok(CHECK, format!("job {name} is scheduled and has not run yet"))
        }
        Some(Scheduled { last: Some((status, _)), .. }) => {
            Finding::ok(CHECK, format!("job {name} is scheduled; its last run: {status}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_core::health::Status;

    #[test]
    fn a_job_is_judged_by_its_last_run() {
        let job = |is_active, last: Option<&str>| Scheduled {
            is_active,
            last: last.map(|status| (status.to_owned(), String::new())),
        };
        assert_eq!(assess("j", None).status, Status::Warn);
        assert_eq!(assess("j", Some(&job(false, None))).status, Status::Warn);
        assert_eq!(assess("j", Some(&job(true, None))).status, Status::Ok);
        assert_eq!(assess("j", Some(&job(true, Some("succeeded")))).status, Status::Ok);
        assert_eq!(assess("j", Some(&job(true, Some("failed")))).status, Status::Fail);
    }
}
