//! What a health check finds, and how bad it is.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Ok,
    Warn,
    Fail,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
        }
    }

    /// The status of this name; an unknown name is a failure.
    pub fn named(name: &str) -> Status {
        [Status::Ok, Status::Warn].into_iter().find(|status| status.name() == name).unwrap_or(Status::Fail)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static str,
    pub status: Status,
    pub detail: String,
    /// What to do. None if all is well.
    pub hint: Option<String>,
    /// What was measured, where a figure is made of it too.
    pub measured: Option<i64>,
}

impl Finding {
    pub fn new(check: &'static str, status: Status, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
        let hint = (status != Status::Ok).then(|| hint.into());
        Finding { check, status, detail: detail.into(), hint, measured: None }
    }

    pub fn ok(check: &'static str, detail: impl Into<String>) -> Finding {
        Finding::new(check, Status::Ok, detail, "")
    }

    pub fn warn(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
        Finding::new(check, Status::Warn, detail, hint)
    }

    pub fn fail(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
        Finding::new(check, Status::Fail, detail, hint)
    }

    pub fn measuring(self, measured: i64) -> Finding {
        Finding { measured: Some(measured), ..self }
    }
}

/// The largest measure that a check took; None where it took none.
pub fn largest_measure(findings: &[Finding], check: &str) -> Option<i64> {
    findings.iter().filter(|finding| finding.check == check).filter_map(|finding| finding.measured).max()
}

/// A check may tell of several tables or workspaces; it counts as its worst: 0 ok, 1 warn, 2 fail.
pub fn worst(findings: &[Finding]) -> BTreeMap<&'static str, u8> {
    let mut worst = BTreeMap::new();
    for finding in findings {
        let status: &mut u8 = worst.entry(finding.check).or_insert(0);
        *status = (*status).max(finding.status as u8);
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_counts_once_as_its_worst() {
        let findings = [
            Finding::ok("a", "fine"),
            Finding::fail("a", "bad", "mend it"),
            Finding::warn("a", "so so", "look"),
            Finding::ok("b", "fine"),
        ];
        assert_eq!(worst(&findings), BTreeMap::from([("a", 2), ("b", 0)]));
    }

    #[test]
    fn the_largest_measure_of_a_check_counts() {
        let findings = [
            Finding::ok("a", "").measuring(3),
            Finding::ok("a", "").measuring(9),
            Finding::ok("a", ""),
            Finding::ok("b", "").measuring(11),
            Finding::ok("c", ""),
        ];
        assert_eq!(
            ["a", "b", "c", "d"].map(|check| largest_measure(&findings, check)),
            [Some(9), Some(11), None, None]
        );
    }

    #[test]
    fn what_has_no_known_status_is_a_failure() {
        for status in [Status::Ok, Status::Warn, Status::Fail] {
            assert_eq!(Status::named(status.name()), status);
        }
        assert_eq!(Status::named(""), Status::Fail);
    }

    #[test]
    fn where_all_is_well_nothing_is_to_be_done() {
        assert_eq!(Finding::new("check", Status::Ok, "well", "do it").hint, None);
        assert_eq!(Finding::warn("check", "odd", "do it").hint.as_deref(), Some("do it"));
    }
}
