//! `audit_setup()`: puts tables, guards, views and privileges in place. It can be called again at any time.
//!
//! The extension owns code; nobody but the owner role owns the trail. Tables, partitions, views and triggers are not members of the
//! extension. So pg_dump includes their rows, pg_restore meets no second primary key, and DROP EXTENSION cannot delete an event. Therefore
//! they are made with membership switched off, and at the end it is checked that there is no member among them.
//!
//! While a dump is being restored nothing is made, because the dump brings the tables. pg_dump begins its scripts with `SET row_security =
//! off`; `audit_ext.restoring` says the same for other tools.
//!
//! Tables that exist already (after DROP EXTENSION … CASCADE, or made by somebody else) are adopted only if they are exactly as we make
//! them: the same files are run in a scratch schema, the catalogs are compared, and the scratch schema is rolled back.

use audit_core::catalogue::{self, MONTH_CONSTRAINT};
use audit_core::partition_plan::Wish;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tier::Tier;

use crate::error::Error;
use crate::event::resource;
use crate::guard::{ddl as ddl_guard, triggers};
use crate::partition::{ddl, maintain};
use crate::pg::call::{Answer, Call};
use crate::pg::extension::{self, OutsideExtension};
use crate::pg::internal_ddl::InternalDdl;
use crate::pg::{callbacks, citus, clock, guc, parameter, quote, raise, relation, role, spi, subtransaction};
use crate::record::idempotency::swap;
use crate::storage::{Storage, StorageError};
use crate::{access, capture, cluster, interlock, settings};

/// Months a new trail starts with, besides the current one.
const FIRST_MONTHS: i32 = 2;

/// Why the trail is not put in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupError {
    NotOwner {
        owner: String,
    },
    /// Tables of our names are there and are not ours; how they differ, in words.
    ForeignStorage {
        differences: Vec<String>,
    },
    /// A table of the trail became a member of the extension, which no dump would take along.
    IsMember {
        member: String,
    },
    /// CREATE EXTENSION while a dump is being restored: a warning.
    Restoring,
}

impl IntoReport for SetupError {
    fn report(&self) -> Report {
        match self {
            SetupError::NotOwner { owner } => {
                Report::new(SqlState::InsufficientPrivilege, "only the owner of extension audit_ext may do this")
                    .hint(format!("SET ROLE {owner} first."))
            }
            SetupError::ForeignStorage { differences } => Report::new(
                SqlState::DuplicateTable,
                "tables of the audit trail exist already and are not as audit_ext makes them",
            )
            .detail(differences.join("\n"))
            .hint("Rename or drop what differs, then try again; nothing was changed."),
            SetupError::IsMember { member } => {
                Report::new(SqlState::RaiseException, format!("{member} became a member of extension audit_ext"))
                    .hint("Rows of members are left out of dumps; this is a defect of the installation script.")
            }
            SetupError::Restoring => {
                Report::new(SqlState::Warning, "audit_ext made no tables because a dump is being restored")
                    .hint("If the dump does not bring the tables of the audit trail, call audit_setup() afterwards.")
            }
        }
    }
}

pub fn call(call: &Call) -> Result<Answer, Error> {
    let installed = extension::audit_ext().ok_or_else(|| StorageError::missing("pg_extension"))?;
    if role::current_user() != installed.owner {
        return Err(SetupError::NotOwner { owner: quote::identifier(&role::name(installed.owner)) }.into());
    }
    access::seal_functions();
    if extension::is_being_created() && settings::is_restoring() {
        raise::warn(&SetupError::Restoring);
        return Ok(Answer::Nothing);
    }
    {
        let (_members, _own) = (OutsideExtension::begin(), InternalDdl::begin());
        put_in_place(call, &installed.schema)?;
    }
    match spi::find_row(include_str!("../sql/setup/members.sql"), |row| row.text(1)) {
        None => Ok(Answer::Nothing),
        Some(member) => Err(SetupError::IsMember { member }.into()),
    }
}

fn put_in_place(call: &Call, name_of_schema: &str) -> Result<(), Error> {
    let schema = &*quote::identifier(name_of_schema);
    // In the order in which others take these locks, before any weaker lock on what they are to lock.
    match Storage::of(call) {
        Ok(storage) => {
            maintain::exclude_other_runs(&storage)?;
            interlock::change_rights(&storage);
        }
        Err(StorageError::Missing { .. }) => {}
        Err(split @ StorageError::Split { .. }) => return Err(split.into()),
    }
    let differences = differences(schema);
    if !differences.is_empty() {
        return Err(SetupError::ForeignStorage { differences }.into());
    }
    make_tables(schema, name_of_schema);
    callbacks::forget_catalog();
    let storage = Storage::of(call)?;
    STEPS.iter().try_for_each(|step| step(&storage))?;
    // A PostgREST that runs already learns of functions and tables when this is committed. Citus prepares what it does on other nodes, and a transaction
    // that notifies cannot be prepared.
    if !citus::is_client() {
        spi::run("NOTIFY pgrst, 'reload schema'");
    }
    Ok(())
}

type Step = fn(&Storage) -> Result<(), Error>;

/// What follows once the tables are there, in this order. Each step finds out what is missing, and does nothing where all is well.
const STEPS: [Step; 9] = [
    default_partitions,
    views,
    |storage| {
        triggers::put_in_place(storage);
        Ok(())
    },
    resource::draw_salt,
    swap::make_first_mark,
    |storage| maintain::ensure_months(storage, &Wish::regular(clock::now(), FIRST_MONTHS)).map(|_| ()),
    |storage| {
        capture::track::put_in_place(storage);
        Ok(())
    },
    |storage| {
        access::apply(storage);
        Ok(())
    },
    |storage| {
        ddl_guard::put_in_place(storage);
        Ok(())
    },
];

fn in_schema(sql: &str, schema: &str) -> String {
    spi::fill(sql, &[("extschema", schema.to_owned())])
}

/// Where all is there nothing is asked of Postgres: CREATE INDEX IF NOT EXISTS locks all partitions against writers before it looks.
fn make_tables(schema: &str, name_of_schema: &str) {
    let settings = guc::LocalSettings::new();
    settings.set(c"client_min_messages", c"warning");
    let is_missing = |name| relation::find_qualified(name_of_schema, name).is_none();
    for relation in catalogue::stored() {
        if std::iter::once(&relation.name).chain(relation.indexes).copied().any(is_missing) {
            spi::run(&in_schema(relation.sql, schema));
        }
    }
}

fn default_partitions(storage: &Storage) -> Result<(), Error> {
    for tier in Tier::ALL {
        ddl::create_default(storage, tier);
        if ddl::is_sampled(storage, tier) {
            ddl::keep_out_of_statistics(storage, tier.table());
        }
    }
    Ok(())
}

fn views(storage: &Storage) -> Result<(), Error> {
    catalogue::views().for_each(|view| spi::run(&storage.fill(view.sql, &[])));
    Ok(())
}

/// How existing tables of our names differ from ours, in words; nothing when there are none.
fn differences(schema: &str) -> Vec<String> {
    let pattern = catalogue::partition_pattern();
    let existing = [parameter::text(schema), parameter::texts(catalogue::names()), parameter::text(&pattern)];
    if spi::count_with(include_str!("../sql/setup/existing.sql"), &existing) == 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    subtransaction::attempt(|| {
        // Nobody can have made a schema of this name, to be in the way.
        let scratch = format!("audit_ext_scratch_{}", cluster::new_id().unwrap_or_default().simple());
        spi::run(&format!("CREATE SCHEMA {scratch}"));
        for relation in catalogue::stored() {
            spi::run(&in_schema(relation.sql, &scratch));
        }
        let sides = [
            parameter::text(schema),
            parameter::text(&scratch),
            parameter::texts(catalogue::views().map(|view| view.name)),
            parameter::text(&pattern),
            parameter::text(MONTH_CONSTRAINT),
        ];
        let differences = include_str!("../sql/setup/differences.sql");
        found = spi::rows_with(differences, &sides, |row| row.text(1)).into_iter().flatten().collect();
        false
    });
    found
}
