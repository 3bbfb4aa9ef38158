//! What capture needs to know of a table: columns, key, options. It is worked out once per backend and table, and again when the catalog
//! changes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use audit_core::capture_options::Options;
use pgrx::pg_sys::{Oid, UUIDOID};

use super::error::ForeignOptions;
use super::values::Form;
use crate::event::workspace::WorkspaceKey;
use crate::pg::citus::Shard;
use crate::pg::row::ColumnDescription;
use crate::pg::trigger::Trigger;
use crate::pg::{callbacks, types};

/// Tables remembered per backend; then it starts anew.
const REMEMBERED: usize = 1024;

pub struct Plan {
    /// Those that are recorded.
    pub columns: Vec<PlannedColumn>,
    /// Places of the columns that identify a row; empty when nothing does.
    pub key: Vec<usize>,
    pub key_is_uuid: bool,
    pub workspace: Option<Workspace>,
    pub resource_type: String,
    /// Whether some value may be printed as the session's settings say.
    pub looks_at_settings: bool,
    /// Of a table that Citus distributes.
    pub shard: Option<Shard>,
    argument: String,
    generation: u64,
}

pub struct PlannedColumn {
    pub place: usize,
    pub name: Vec<u8>,
    pub length: i16,
    pub form: Form,
    pub is_key: bool,
    pub is_masked: bool,
}

/// The column that tells a row's workspace.
#[derive(Clone, Copy)]
pub enum Workspace {
    Id(usize),
    Key {
        place: usize,
        kind: WorkspaceKey,
        /// Which one it is of the recorded columns, if its values may be shown.
        shown: Option<usize>,
    },
}

thread_local! {
    static PLANS: RefCell<HashMap<Oid, Rc<Plan>>> = RefCell::default();
}

impl Plan {
    /// The plan for the table the trigger is called for.
    pub fn of(trigger: &Trigger) -> Result<Rc<Plan>, ForeignOptions> {
        let table = trigger.table();
        let argument = trigger.argument(1).unwrap_or_default();
        let known = PLANS.with_borrow(|plans| plans.get(&table).filter(|plan| plan.holds(argument)).map(Rc::clone));
        if let Some(plan) = known {
            return Ok(plan);
        }
        // A change of the catalog during this call makes what is found out now stale at once.
        callbacks::watch_also(table);
        let generation = callbacks::catalog_generation();
        let options = Options::from_argument(argument).ok_or_else(|| ForeignOptions { table: trigger.table_name() })?;
        let plan = Plan {
            argument: argument.to_owned(),
            generation,
            shard: Shard::of(table),
            ..Plan::new(&options, trigger.column_descriptions(), trigger.key_places())
        };
        let plan = Rc::new(plan);
        PLANS.with_borrow_mut(|plans| {
            if plans.len() >= REMEMBERED {
                plans.clear();
            }
            plans.insert(table, Rc::clone(&plan));
        });
        Ok(plan)
    }

    fn holds(&self, argument: &str) -> bool {
        self.generation == callbacks::catalog_generation() && self.argument == argument
    }

    fn new(options: &Options, descriptions: Vec<ColumnDescription>, key: Vec<usize>) -> Plan {
        let place_of = |name: &str| descriptions.iter().position(|c| !c.is_dropped && c.name == name.as_bytes());
        // A masked column that is not found may have been renamed behind our back: then all that could be it is hidden.
        let masks_all = options.masked.iter().any(|name| place_of(name).is_none());
        let listed = |list: &[String], name: &[u8]| list.iter().any(|listed| listed.as_bytes() == name);
        let workspace = options.workspace.as_deref().and_then(place_of).and_then(|place| {
            let kind = WorkspaceKey::of(descriptions[place].type_id)?;
            Some((place, kind))
        });
        // Nor is a hidden value told as somebody's key.
        let is_masked = |name: &[u8]| masks_all || listed(&options.masked, name);
        let key = if key.iter().any(|place| is_masked(&descriptions[*place].name)) { Vec::new() } else { key };
        let is_uuid = |place: &usize| types::base_type(descriptions[*place].type_id) == UUIDOID;
        let key_is_uuid = key.len() == 1 && key.iter().all(is_uuid);
        let columns: Vec<PlannedColumn> = descriptions
            .into_iter()
            .enumerate()
            .filter(|(_, c)| !c.is_dropped && !c.is_virtual)
            .filter(|(place, c)| key.contains(place) || !listed(&options.ignored, &c.name))
            .map(|(place, c)| PlannedColumn {
                place,
                length: c.length,
                form: Form::of(c.type_id),
                is_key: key.contains(&place),
                is_masked: is_masked(&c.name),
                name: c.name,
            })
            .collect();
        let workspace = workspace.map(|(place, kind)| match kind {
            WorkspaceKey::Id => Workspace::Id(place),
            kind => {
                let shown = columns.iter().position(|column| column.place == place && !column.is_masked);
                Workspace::Key { place, kind, shown }
            }
        });
        let prints_workspace = matches!(workspace, Some(Workspace::Key { kind, .. }) if kind.looks_at_settings());
        Plan {
            looks_at_settings: prints_workspace || columns.iter().any(|column| column.form.looks_at_settings()),
            columns,
            key,
            key_is_uuid,
            workspace,
            resource_type: options.resource_type.clone(),
            shard: None,
            argument: String::new(),
            generation: 0,
        }
    }
}
