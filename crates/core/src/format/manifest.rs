//! What a person's export holds, told before its first event.

use std::collections::BTreeMap;

use serde::Serialize;

use super::event::write_json;
use crate::ids::{UserId, WorkspaceId};
use crate::month::Month;
use crate::time::Timestamp;

/// What there is of the person in one month of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonMonth {
    pub workspace: WorkspaceId,
    pub month: Month,
    pub event_count: u64,
    /// The person is the actor.
    pub by_user: u64,
    pub archived: u64,
}

/// What is in files of cold storage, of whomever, of one month of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColdMonth {
    pub workspace: WorkspaceId,
    pub month: Month,
    pub files: u64,
    pub events: u64,
}

pub struct Manifest {
    pub user: UserId,
    pub includes_events_about_user: bool,
    pub masks_others: bool,
    /// In ascending order of workspace and month.
    pub months: Vec<PersonMonth>,
    /// In the same order. Of workspaces that have no month above, only sums are told: who they are is nothing that the person asks for.
    pub cold: Vec<ColdMonth>,
    pub exported_at: Timestamp,
}

#[derive(Serialize)]
struct Line {
    audit_person_export: Told,
}

#[derive(Serialize)]
struct Told {
    user_id: String,
    includes_events_about_user: bool,
    others_are_masked: bool,
    exported_at: String,
    event_count: u64,
    by_user: u64,
    about_user: u64,
    archived: u64,
    workspaces: Vec<Workspace>,
    cold_storage: Cold,
}

#[derive(Serialize)]
struct Workspace {
    workspace_id: String,
    event_count: u64,
    /// Events by month, as `2026-01`.
    months: BTreeMap<String, u64>,
    /// The months of which something is in files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cold_months: Vec<String>,
}

#[derive(Serialize)]
struct Cold {
    file_count: u64,
    event_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_month: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_month: Option<String>,
}

impl Manifest {
    fn sum(&self, of: impl Fn(&PersonMonth) -> u64) -> u64 {
        self.months.iter().map(of).sum()
    }

    pub fn event_count(&self) -> u64 {
        self.sum(|month| month.event_count)
    }

    /// Events about the person alone; what the person did to themselves is by the person.
    pub fn about_user(&self) -> u64 {
        self.sum(|month| month.event_count - month.by_user)
    }

    pub fn workspace_count(&self) -> usize {
        self.months.chunk_by(|one, other| one.workspace == other.workspace).count()
    }

    pub fn cold_files(&self) -> u64 {
        self.cold.iter().map(|month| month.files).sum()
    }

    pub(super) fn line(&self) -> String {
        let cold = |order: fn(&ColdMonth) -> Month, newest: bool| {
            let months = self.cold.iter().map(order);
            if newest { months.max() } else { months.min() }.map(Month::as_iso)
        };
        let told = Told {
            user_id: self.user.to_string(),
            includes_events_about_user: self.includes_events_about_user,
            others_are_masked: self.masks_others,
            exported_at: self.exported_at.rfc3339(),
            event_count: self.event_count(),
            by_user: self.sum(|month| month.by_user),
            about_user: self.about_user(),
            archived: self.sum(|month| month.archived),
            workspaces: self.workspaces(),
            cold_storage: Cold {
                file_count: self.cold_files(),
                event_count: self.cold.iter().map(|month| month.events).sum(),
                oldest_month: cold(|cold| cold.month, false),
                newest_month: cold(|cold| cold.month, true),
            },
        };
        let mut line = Vec::new();
        write_json(&Line { audit_person_export: told }, &mut line);
        String::from_utf8_lossy(&line).into_owned()
    }

    fn workspaces(&self) -> Vec<Workspace> {
        let mut cold: BTreeMap<WorkspaceId, Vec<String>> = BTreeMap::new();
        for month in &self.cold {
            cold.entry(month.workspace).or_default().push(month.month.as_iso());
        }
        let of = |months: &[PersonMonth]| Workspace {
            workspace_id: months[0].workspace.to_string(),
            event_count: months.iter().map(|month| month.event_count).sum(),
            months: months.iter().map(|month| (month.month.as_iso(), month.event_count)).collect(),
            cold_months: cold.get(&months[0].workspace).cloned().unwrap_or_default(),
        };
        self.months.chunk_by(|one, other| one.workspace == other.workspace).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn workspace(number: u128) -> WorkspaceId {
        WorkspaceId(Uuid::from_u128(number))
    }

    fn month(number: i32) -> Month {
        Month::new(2026, number).unwrap()
    }

    fn manifest() -> Manifest {
        let of = |space, number, event_count, by_user, archived| PersonMonth {
            workspace: workspace(space),
            month: month(number),
            event_count,
            by_user,
            archived,
        };
        let cold =
            |space, number| ColdMonth { workspace: workspace(space), month: month(number), files: 1, events: 10 };
        Manifest {
            user: UserId(Uuid::from_u128(7)),
            includes_events_about_user: true,
            masks_others: true,
            months: vec![of(1, 2, 5, 3, 5), of(1, 3, 1, 1, 0), of(2, 3, 2, 0, 0)],
            cold: vec![cold(1, 1), cold(1, 2), cold(3, 5)],
            exported_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_whole_line() {
        assert_eq!(
            manifest().line(),
            r#"{"audit_person_export":{"user_id":"00000000-0000-0000-0000-000000000007","includes_events_about_user":true,"others_are_masked":true,"exported_at":"1970-01-01T00:00:00.000000Z","event_count":8,"by_user":4,"about_user":4,"archived":5,"workspaces":[{"workspace_id":"00000000-0000-0000-0000-000000000001","event_count":6,"months":{"2026-02":5,"2026-03":1},"cold_months":["2026-01","2026-02"]},{"workspace_id":"00000000-0000-0000-0000-000000000002","event_count":2,"months":{"2026-03":2}}],"cold_storage":{"file_count":3,"event_count":30,"oldest_month":"2026-01","newest_month":"2026-05"}}}"#
        );
    }

    #[test]
    fn other_peoples_workspaces_are_not_named() {
        assert!(!manifest().line().contains(&workspace(3).to_string()));
    }

    #[test]
    fn nothing_is_told_as_nothing() {
        let none = Manifest { months: Vec::new(), cold: Vec::new(), ..manifest() };
        assert_eq!((none.event_count(), none.workspace_count()), (0, 0));
        assert!(none.line().ends_with(r#""workspaces":[],"cold_storage":{"file_count":0,"event_count":0}}}"#));
    }
}
