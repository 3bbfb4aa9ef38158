//! Puts the capture triggers on tracked tables. Which ones a table needs depends on its shape.

use std::cell::Cell;

use audit_core::capture_options::Options;
use audit_core::catalogue::TRACKING;
use pgrx::pg_sys::Oid;

use crate::cluster;
use crate::cluster::error::ClusterError;
use crate::pg::guc::LocalSettings;
use crate::pg::role::Acting;
use crate::pg::scope::Scoped;
use crate::pg::spi::{self, ResultRow};
use crate::pg::{citus, encoding, parameter, quote};
use crate::storage::Storage;

/// A set of triggers, each set in a file of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Set {
    Statement,
    Early,
    Row,
    Truncate,
}

impl Set {
    fn sql(self) -> &'static str {
        match self {
            Set::Statement => include_str!("../../sql/capture/statement.sql"),
            Set::Early => include_str!("../../sql/capture/early.sql"),
            Set::Row => include_str!("../../sql/capture/row.sql"),
            Set::Truncate => include_str!("../../sql/capture/truncate.sql"),
        }
    }

    fn statements(self) -> impl Iterator<Item = &'static str> {
        self.sql().split_inclusive(";\n")
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Set::Statement => &["audit_capture_insert", "audit_capture_update", "audit_capture_delete"],
            Set::Early => &["audit_capture_early_insert", "audit_capture_early_update", "audit_capture_early_delete"],
            Set::Row => &["audit_capture_row"],
            Set::Truncate => &["audit_capture_truncate"],
        }
    }
}

/// Whether a trigger of this name is one that capture makes.
pub fn is_name_of_ours(trigger: &str) -> bool {
    [Set::Statement, Set::Early, Set::Row, Set::Truncate].iter().any(|set| set.names().contains(&trigger))
}

/// What decides how a table is captured.
#[derive(Clone, Copy)]
struct Shape {
    /// A partition below a tracked table: row triggers come from above.
    is_partition_of_tracked: bool,
    /// Has parents or children: statements may name any of them.
    is_in_tree: bool,
    /// Has AFTER ROW triggers of others, which may change rows again before the statement ends.
    has_row_triggers: bool,
}

impl Shape {
    fn sets(self) -> &'static [Set] {
        if self.is_partition_of_tracked {
            &[Set::Truncate]
        } else if self.is_in_tree {
            &[Set::Row, Set::Truncate]
        } else if self.has_row_triggers {
            &[Set::Early, Set::Truncate]
        } else {
            &[Set::Statement, Set::Truncate]
        }
    }
}

/// One table that is to be captured.
struct Member {
    id: String,
    oid: Oid,
    /// Qualified and quoted.
    table: String,
    options: Options,
    shape: Shape,
    /// The capture triggers it has of its own.
    present: Vec<String>,
    /// The triggers that are not ours.
    others: Vec<String>,
    /// One of them has a condition or a list of columns, is not for replicas, or has other arguments than the rest.
    is_limited: bool,
    /// Their arguments, each of which ends with a NUL; once, where all have the same.
    arguments: Vec<String>,
}

impl Member {
    fn read(row: ResultRow) -> Option<Member> {
        let present = row.text(10)?;
        Some(Member {
            id: row.text(1)?,
            oid: row.oid(11)?,
            table: row.text(2)?,
            options: Options {
                resource_type: row.text(3)?,
                workspace: row.text(4),
                ignored: names(row.text(5)),
                masked: names(row.text(6)),
            },
            shape: Shape {
                is_partition_of_tracked: row.bool(7)?,
                is_in_tree: row.bool(8)?,
                has_row_triggers: row.bool(9)?,
            },
            present: names(Some(present)),
            others: names(row.text(14)),
            is_limited: row.bool(12)?,
            arguments: row
                .bytes(13)
                .unwrap_or_default()
                .split(|byte| *byte == 0)
                .map(|argument| encoding::to_utf8(argument).into_owned())
                .collect(),
        })
    }

    fn has_what_it_needs(&self) -> bool {
        let has = |name: &str| self.present.iter().any(|have| have == name);
        self.are_as_made() && self.present.len() == self.needed().count() && self.needed().all(has)
    }

    /// The triggers that it must have.
    fn needed(&self) -> impl Iterator<Item = &'static str> {
        self.shape.sets().iter().flat_map(|set| set.names().iter().copied())
    }

    /// Whether the triggers that are there were not replaced by others of their names.
    fn are_as_made(&self) -> bool {
        let wanted = [&*self.id, &*self.options.to_argument(), ""];
        !self.is_limited && (self.present.is_empty() || self.arguments == wanted)
    }

    fn make_triggers(&self, storage: &Storage) {
        // The table's owner can have put another trigger in the place of one of ours.
        let replaced = self.others.iter().filter(|name| self.needed().any(|needed| needed == **name));
        for name in self.present.iter().chain(replaced) {
            spi::run(&format!("DROP TRIGGER {} ON {}", quote::identifier(name), self.table));
        }
        let values = [
            ("table", self.table.clone()),
            ("extschema", storage.schema_name.clone()),
            ("id", quote::literal(&self.id)),
            ("options", quote::literal(&self.options.to_argument())),
        ];
        // Citus carries out a statement on other nodes only if it is sent alone.
        for statement in self.shape.sets().iter().flat_map(|set| set.statements()) {
            spi::run(&spi::fill(statement, &values));
        }
    }
}

/// Names as the catalog gives them: a JSON array of strings.
pub fn names(list: Option<String>) -> Vec<String> {
    list.and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default()
}

/// Fills the tables' names in a statement of `sql/capture`.
pub fn fill(storage: &Storage, sql: &str, more: &[(&str, String)]) -> String {
    let ours = [
        ("tracking", storage.qualified(TRACKING)),
        ("extschema", storage.schema_name.clone()),
        ("schema", storage.schema.to_u32().to_string()),
    ];
    spi::fill(sql, &[more, &ours].concat())
}

/// Whether one of these trackings is, or was, of this server.
pub fn has_any(storage: &Storage, trackings: &[String]) -> bool {
    let _owner = Acting::as_owner(storage.owner);
    let sql = fill(storage, "SELECT FROM @tracking@ WHERE id::text = ANY ($1) LIMIT 1", &[]);
    spi::count_with(&sql, &[parameter::texts(trackings)]) > 0
}

/// Notes that a table is tracked no more; gives the trackings that ended.
pub fn untrack(storage: &Storage, schema: &str, name: &str) -> Vec<String> {
    let sql = fill(storage, include_str!("../../sql/capture/untrack.sql"), &[]);
    spi::rows_with(&sql, &[parameter::text(schema), parameter::text(name)], |row| row.text(1))
        .into_iter()
        .flatten()
        .collect()
}

thread_local! {
    /// DDL of our own is running: there is nothing to follow.
    static MAKING_TRIGGERS: Cell<bool> = const { Cell::new(false) };
}

pub fn is_making_triggers() -> bool {
    MAKING_TRIGGERS.get()
}

/// Which tables get their triggers from this session. Those of a table that Citus distributes reach other nodes, over connections of the owner: they are put by
/// whoever is trusted as the owner is. Elsewhere they are missing until `audit_setup()`, and health says so.
struct Reach {
    distributed: Vec<Oid>,
    is_trusted: bool,
}

impl Reach {
    fn of(storage: &Storage) -> Reach {
        let distributed = citus::distributed_tables();
        let is_trusted = distributed.is_empty() || cluster::log::demand_trusted(storage).is_ok();
        Reach { distributed, is_trusted }
    }

    fn on_all_nodes(&self) -> Option<LocalSettings> {
        if self.is_trusted { citus::on_all_nodes() } else { None }
    }

    fn includes(&self, table: Oid) -> bool {
        !citus::is_followed_elsewhere(table) && (self.is_trusted || !self.distributed.contains(&table))
    }
}

/// Refuses to track, or to track no more, a table whose triggers this session cannot put.
pub fn demand_reach(storage: &Storage, table: Oid) -> Result<(), ClusterError> {
    match citus::distributed_tables().contains(&table) {
        true => cluster::log::demand_trusted(storage),
        false => Ok(()),
    }
}

/// Gives the tables of these trackings, or of all, the triggers that their shape needs, `anew` where the options changed; takes them from tables tracked no
/// more. No lock is taken on other tables. On a Citus cluster the coordinator does so for all nodes.
pub fn apply(storage: &Storage, trackings: Option<&[String]>, anew: impl Fn(&str) -> bool) {
    let _owner = Acting::as_owner(storage.owner);
    let _ours = Scoped::set(&MAKING_TRIGGERS, true);
    let reach = Reach::of(storage);
    let _everywhere = reach.on_all_nodes();
    let strays = fill(storage, include_str!("../../sql/capture/strays.sql"), &[]);
    for (drop, table) in
        spi::rows_with(&strays, &[parameter::bool(citus::is_coordinator())], |row| row.text(1).zip(row.oid(2)))
            .into_iter()
            .flatten()
    {
        if reach.includes(table) {
            spi::run(&drop);
        }
    }
    for member in members(storage, trackings) {
        let make = anew(&member.id) || !member.has_what_it_needs();
        if make && reach.includes(member.oid) {
            member.make_triggers(storage);
        }
    }
}

fn members(storage: &Storage, trackings: Option<&[String]>) -> impl Iterator<Item = Member> {
    let members = fill(storage, include_str!("../../sql/capture/members.sql"), &[]);
    spi::rows_with(&members, &[parameter::texts_or_null(trackings)], Member::read).into_iter().flatten()
}

/// Tracked tables, qualified, of which a table has other triggers than it needs.
pub fn outdated(storage: &Storage) -> Vec<String> {
    let mut root = (String::new(), String::new());
    let mut outdated = Vec::new();
    // The tracked table is the first of its tracking.
    for member in members(storage, None) {
        if root.0 != member.id {
            root = (member.id.clone(), member.table.clone());
        }
        if !member.has_what_it_needs() && !citus::is_followed_elsewhere(member.oid) && outdated.last() != Some(&root.1)
        {
            outdated.push(root.1.clone());
        }
    }
    outdated
}

#[cfg(test)]
mod tests {
    use pgrx::pg_sys::InvalidOid;

    use super::*;

    const ALONE: Shape = Shape { is_partition_of_tracked: false, is_in_tree: false, has_row_triggers: false };

    #[test]
    fn a_table_that_stands_alone_is_captured_by_statement() {
        assert_eq!(ALONE.sets(), [Set::Statement, Set::Truncate]);
    }

    #[test]
    fn statements_may_name_parents_and_children_and_triggers_may_change_rows_again() {
        assert_eq!(Shape { is_in_tree: true, ..ALONE }.sets(), [Set::Row, Set::Truncate]);
        assert_eq!(Shape { has_row_triggers: true, ..ALONE }.sets(), [Set::Early, Set::Truncate]);
        let both = Shape { is_in_tree: true, has_row_triggers: true, ..ALONE };
        assert_eq!(both.sets(), [Set::Row, Set::Truncate], "transition tables are not for rows of a tree");
    }

    #[test]
    fn a_partition_gets_its_row_trigger_from_above() {
        let partition = Shape { is_partition_of_tracked: true, is_in_tree: true, ..ALONE };
        assert_eq!(partition.sets(), [Set::Truncate]);
    }

    #[test]
    fn a_table_has_what_it_needs_only_if_it_has_nothing_else() {
        let member = |present: &[&str]| Member {
            id: String::new(),
            oid: InvalidOid,
            table: String::new(),
            options: Options::default(),
            shape: Shape { is_in_tree: true, ..ALONE },
            present: present.iter().map(|name| (*name).to_owned()).collect(),
            others: Vec::new(),
            is_limited: false,
            arguments: vec![String::new(), Options::default().to_argument(), String::new()],
        };
        assert!(member(&["audit_capture_truncate", "audit_capture_row"]).has_what_it_needs());
        let limited = Member { is_limited: true, ..member(&["audit_capture_truncate", "audit_capture_row"]) };
        assert!(!limited.has_what_it_needs());
        let other = Options { resource_type: "another".into(), ..Options::default() }.to_argument();
        let arguments = vec![String::new(), other, String::new()];
        let replaced = Member { arguments, ..member(&["audit_capture_truncate", "audit_capture_row"]) };
        assert!(!replaced.has_what_it_needs());
        assert!(!member(&["audit_capture_row"]).has_what_it_needs());
        assert!(!member(&["audit_capture_truncate", "audit_capture_row", "audit_capture_insert"]).has_what_it_needs());
    }
}
