//! The statements that make partitions: templates in `sql/partition`, filled with names that were parsed or made here.

use std::ops::RangeInclusive;

use audit_core::catalogue::MONTH_CONSTRAINT;
use audit_core::event::column::ERASABLE;
use audit_core::month::Month;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;

use crate::access;
use crate::guard::triggers;
use crate::permit::{Breach, Permit, Purpose};
use crate::pg::{parameter, quote, relation, spi};
use crate::storage::Storage;

/// A partition of one of the two tables, to be made or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    pub tier: Tier,
    pub month: Month,
}

/// A relation with the name of a partition exists and is no partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken {
    pub name: String,
}

impl IntoReport for NameTaken {
    fn report(&self) -> Report {
        Report::new(
            SqlState::DuplicateTable,
            format!("relation \"{}\" exists and is not a partition of the audit trail", self.name),
        )
        .hint("Rename or drop it, then make the partitions again.")
    }
}

impl Partition {
    pub fn name(self) -> String {
        self.tier.partition(self.month)
    }

    fn fill(self, storage: &Storage, template: &str) -> String {
        spi::fill(template, &self.values(storage))
    }

    fn values(self, storage: &Storage) -> [(&'static str, String); 8] {
        let bound = |month: Month| quote::literal(&month.as_bound());
        let end = self.month.plus(1).map_or_else(|| "'infinity'".to_owned(), bound);
        [
            ("partition", storage.qualified(&self.name())),
            ("parent", storage.qualified(self.tier.table())),
            ("default", storage.qualified(&self.tier.default_partition())),
            ("extschema", storage.schema_name.clone()),
            ("from", bound(self.month)),
            ("to", end),
            ("comment", self.comment()),
            ("name", MONTH_CONSTRAINT.to_owned()),
        ]
    }

    fn comment(self) -> String {
        let (year, number) = (self.month.year(), self.month.number());
        let what = if self.tier == Tier::Hot { "Audit events" } else { "Archived audit events" };
        quote::literal(&format!("{what} of {year:04}-{number:02} (UTC)."))
    }

    /// Builds the table beside the others.
    pub fn create(self, storage: &Storage) -> Result<(), NameTaken> {
        if relation::find(storage.schema, &self.name()).is_some() {
            return Err(NameTaken { name: self.name() });
        }
        let bound = self.fill(storage, include_str!("../../sql/partition/bound.sql"));
        let values = [&self.values(storage)[..], &[("bound", bound)]].concat();
        spi::run(&spi::fill(include_str!("../../sql/partition/create.sql"), &values));
        keep_out_of_statistics(storage, &self.name());
        triggers::put_on_partition(storage, self.tier.table(), &self.name());
        access::seal_relation(storage, &self.name());
        Ok(())
    }

    /// Moves this month's rows out of the default partition; gives their number.
    pub fn fill_from_default(self, storage: &Storage) -> Result<u64, Breach> {
        let name = self.tier.default_partition();
        let Some(default) = relation::find(storage.schema, &name) else { return Ok(0) };
        let permit = Permit::issue(Purpose::Drain { table: default })?;
        let moved = spi::count(&self.fill(storage, include_str!("../../sql/partition/move.sql")));
        if permit.admitted() != moved {
            return Err(Breach::Surplus { table: name });
        }
        Ok(moved)
    }

    /// Makes the table a partition. The default partition must hold no row of the month.
    pub fn attach(self, storage: &Storage) {
        spi::run(&self.fill(storage, include_str!("../../sql/partition/attach.sql")));
    }
}

/// Exchanges the two tables of a month. Both parents must be locked, and the archive's table must be empty.
pub fn exchange(storage: &Storage, hot: Partition, cold: Partition) {
    let values = [
        ("events", storage.qualified(Tier::Hot.table())),
        ("archive", storage.qualified(Tier::Archive.table())),
        ("hot", storage.qualified(&hot.name())),
        ("cold", storage.qualified(&cold.name())),
        ("hot_name", quote::identifier(&hot.name())),
        ("cold_name", quote::identifier(&cold.name())),
        ("hot_comment", hot.comment()),
        ("cold_comment", cold.comment()),
    ];
    let all = [&values[..], &hot.values(storage)].concat();
    spi::run(&spi::fill(include_str!("../../sql/partition/exchange.sql"), &all));
    relation::tell_changed(storage.events);
    relation::tell_changed(storage.archive);
}

/// Makes the DEFAULT partition, so that no insert fails for lack of a month.
pub fn create_default(storage: &Storage, tier: Tier) {
    let name = tier.default_partition();
    if relation::find(storage.schema, &name).is_some() {
        return;
    }
    let sql = spi::fill(
        include_str!("../../sql/partition/create.sql"),
        &[
            ("partition", storage.qualified(&name)),
            ("parent", storage.qualified(tier.table())),
            ("extschema", storage.schema_name.clone()),
            ("bound", String::new()),
            (
                "comment",
                quote::literal(
                    "Audit events of months without a partition; create_monthly_audit_partition() moves those of the last twelve months, create_past_audit_partitions() older ones.",
                ),
            ),
        ],
    );
    spi::run(&sql);
    keep_out_of_statistics(storage, &name);
    triggers::put_on_partition(storage, tier.table(), &name);
    spi::run(&format!(
        "ALTER TABLE {} ATTACH PARTITION {} DEFAULT",
        storage.qualified(tier.table()),
        storage.qualified(&name)
    ));
    access::seal_relation(storage, &name);
}

/// Payload and keys of a table, and of its partitions if it has any, are sampled by no ANALYZE from now on: samples would be in statistics, and outlive an erasure.
pub fn keep_out_of_statistics(storage: &Storage, table: &str) {
    let columns = ERASABLE.map(|column| format!("ALTER COLUMN {} SET STATISTICS 0", column.name())).join(", ");
    spi::run(&format!("ALTER TABLE {} {columns}", storage.qualified(table)));
}

/// Whether ANALYZE would sample payload or keys of a table or of its partitions.
pub fn is_sampled(storage: &Storage, tier: Tier) -> bool {
    let names = ERASABLE.map(|column| quote::literal(column.name())).join(", ");
    let values = [("table", storage.table(tier).to_u32().to_string()), ("columns", format!("ARRAY[{names}]"))];
    spi::count(&spi::fill(include_str!("../../sql/partition/sampled.sql"), &values)) > 0
}

/// Months within bounds that have rows in the default partition.
pub fn months_in_default(storage: &Storage, tier: Tier, within: &RangeInclusive<Month>) -> Vec<Month> {
    let default = storage.qualified(&tier.default_partition());
    let sql = spi::fill(include_str!("../../sql/partition/months_in_default.sql"), &[("default", default)]);
    let end = within.end().plus(1).map_or(Timestamp::FUTURE, Month::start);
    let bounds = [within.start().start(), end].map(parameter::time);
    spi::rows_with(&sql, &bounds, |row| match (row.int4(1), row.int4(2)) {
        (Some(year), Some(month)) => Month::new(year, month),
        _ => None,
    })
    .into_iter()
    .flatten()
    .collect()
}
