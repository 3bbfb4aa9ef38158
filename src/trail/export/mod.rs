//! `export_audit_events()`: the events that meet filters, oldest first, as lines of a format.
//!
//! Lines are made as they are asked for, some at a time, so an export of millions of events takes no more memory than one of a hundred. All
//! are read under the snapshot of the query. Between two calls nothing of PostgreSQL's is held: the next events are looked up behind the last
//! one, and the filters are read from the arguments again.

pub mod event;
pub mod kinds;
mod output;
pub mod person;
mod record;
mod whole;

use std::ops::ControlFlow;
use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::format::{Format, Lines, Summary};
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::merge::{Order, Position};
use audit_core::report::{IntoReport, Report};
use audit_core::search::window::Reach;
use audit_core::sqlstate::SqlState;

use self::kinds::Kinds;
use self::output::{Maker, Output};
use self::record::AFTER;
use self::whole::Whole;
use super::criteria::{BEHIND, Criteria};
use super::reader::read;
use super::search::may_search;
use super::visibility::{ReadsForNobody, Sight, sight};
use super::{Continued, cold, position_of};
use crate::cluster;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::memory::Scratch;
use crate::pg::row_source::next_row;
use crate::pg::{clock, transaction};
use crate::storage::Storage;

/// `p_format`.
const FORMAT: usize = BEHIND;

/// An export is recorded, which takes a transaction that may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRecorded;

impl IntoReport for NotRecorded {
    fn report(&self) -> Report {
        Report::new(SqlState::ReadOnlySqlTransaction, "events cannot be exported in a read-only transaction")
            .detail("That they leave the database is recorded as an event.")
            .hint("Export on the primary, in a transaction that may write. search_audit_events() reads pages in any.")
    }
}

struct Export {
    format: Format,
    /// What has been exported so far.
    summary: Summary,
    /// Of an export that leaves nothing of a workspace out.
    whole: Option<Whole>,
    behind: Option<Position>,
}

impl Maker for Export {
    fn make(&mut self, call: &Call, lines: &mut Lines) -> Result<bool, Error> {
        let storage = Storage::of(call)?;
        let criteria = Criteria::of(call, Reach::Everything)?;
        let (format, scratch, kinds) = (self.format, Scratch::new(), Kinds::of(&storage, self.format));
        let mut is_enough = false;
        criteria.with_query(Order::OldestFirst, self.behind, |query| {
            read(&storage, query, |scan, position, tier| {
                lines.push(|line| scratch.run(|| event::write(scan, tier, format, &kinds, line)));
                self.behind = Some(position);
                self.summary.last_event = Some(position.1);
                self.summary.event_count += 1;
                if let Some(whole) = &mut self.whole {
                    whole.count(position.1, scan);
                }
                is_enough = lines.is_enough();
                if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        })?;
        if !is_enough {
            output::add(lines, format.end(&self.summary));
        }
        Ok(!is_enough)
    }

    fn finish(&mut self, call: &Call) -> Result<(), Error> {
        match self.whole.take() {
            Some(whole) => record::finished(&Storage::of(call)?, self.format, &self.summary, &whole),
            None => Ok(()),
        }
    }
}

impl Export {
    fn begin(call: &Call) -> Result<Output<Export>, Error> {
        let storage = Storage::of(call)?;
        let criteria = Criteria::of(call, Reach::Everything)?;
        let format = format(call, FORMAT)?;
        let may_read = may_export(&storage, criteria.workspace)?;
        if transaction::is_read_only() {
            return Err(NotRecorded.into());
        }
        cluster::tell_of_others(&storage);
        let after = call.uuid(AFTER).map(EventId).filter(|_| may_read);
        let behind = position_of(&storage, criteria.workspace, after, Continued::Export)?;
        if may_read {
            record::record(&storage, call, &criteria, format)?;
            criteria.with_query(Order::OldestFirst, behind, |query| cold::tell(&storage, query))?;
        }
        let summary = Summary {
            event_count: 0,
            workspace: criteria.workspace,
            window: criteria.window,
            exported_at: clock::now(),
            last_event: after,
        };
        let whole = Whole::of(format).filter(|_| may_read && record::is_whole(call));
        let mut lines = Lines::default();
        output::add(&mut lines, format.header());
        // Who may not read the workspace is answered as if it were empty.
        if !may_read {
            output::add(&mut lines, format.end(&summary));
        }
        Ok(Output::of(Export { format, summary, whole, behind }, lines, !may_read))
    }
}

fn format(call: &Call, argument: usize) -> Result<Format, Argument> {
    call.text(argument).and_then(|name| Format::named(&name)).ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        Argument::new("p_format").problem("must be the name of a format").hint(format!("Formats are {names}."))
    })
}

/// Whether the caller reads what is asked for, as in a search. What leaves the database must have somebody who takes it, so a gateway says for
/// whom, whether or not there is a membership source.
fn may_export(storage: &Rc<Storage>, workspace: Option<WorkspaceId>) -> Result<bool, Error> {
    match sight(storage) {
        Sight::Nowhere(why) => Err(ReadsForNobody { why }.into()),
        _ => may_search(storage, workspace),
    }
}

/// `export_audit_events(the filters, p_format, p_after_event_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    next_row(call, || Export::begin(call))
}
