//! Every error there is, once: for the page of the manual that lists them, and for what must be true of all of them.
//!
//! A variant that is added to an enum listed here or in a file of this module and has no sample does not compile. An enum is added to [`every`].

use std::fmt::Write;

use audit_core::argument::Argument;
use audit_core::event::constraint::Constraint;
use audit_core::event::element::{BulkError, Problem};
use audit_core::event::idempotency::KeyError;
use audit_core::event::stamp::StampError;
use audit_core::ids::EventId;
use audit_core::membership::MembershipError;
use audit_core::report::{IntoReport, Report};
use audit_core::request::NoUser;
use audit_core::sqlstate::SqlState;

use crate::archive::run as archiving;
use crate::conservation::NotConserved;
use crate::guard::configuration::{FunctionsOnly, NotAllowedToConfigure};
use crate::guard::immutability::{Immutable, Lasting};
use crate::interlock::Contention;
use crate::partition::ddl::NameTaken;
use crate::permit::Breach;
use crate::pg::alarm::NoTimer;
use crate::pg::misuse::Misuse;
use crate::principal::Nobody;
use crate::record::rules::{PrintsTooLong, Reserved, TooLarge};
use crate::schedule::NoScheduler;
use crate::seal::error::EvidenceError;
use crate::seal::refusal::{OwnEvent, SealError};
use crate::seal::{adopt, run as sealing};
use crate::sequence::OrderError;
use crate::setup::SetupError;
use crate::storage::{Interference, StorageError};
use crate::trail::cold::EventIsCold;
use crate::trail::export::NotRecorded;
use crate::trail::search::NotForAllWorkspaces;
use crate::trail::visibility::ReadsForNobody;
use crate::trail::{Continued, NoSuchEvent};

#[macro_use]
mod sample;
mod cluster;
mod cold;
mod ddl;
mod deletion;
mod imports;
mod streams;
mod tables;

use sample::{ID, TIME, a, told};

/// By concept, in the order of the page.
fn every() -> Vec<(&'static str, Vec<Report>)> {
    vec![
        ("Arguments", vec![Argument::new("‹parameter›").problem("‹is wrong›").hint("‹what to give›").report()]),
        (
            "Recording",
            [constraints(), reserved(), stamps(), order(), keys(), members(), bulk(), interference()].concat(),
        ),
        ("Immutability and configuration", [immutable(), functions_only(), conservation(), permits()].concat()),
        ("Reading", reading()),
        ("Imports", imports::all()),
        ("Streams", streams::all()),
        ("Nodes of a Citus cluster", cluster::all()),
        ("Evidence", [evidence(), vec![adopt::IN_BLOCK.report()]].concat()),
        ("Persons", persons()),
        ("Deletion, holds and policies", deletion::deletion()),
        ("Cold storage", cold::cold()),
        ("Membership source", tables::sources()),
        ("Capture", [tables::tracking(), tables::capture()].concat()),
        ("Partitions, archive and schedule", [contention(), maintenance()].concat()),
        ("Sealing", seals()),
        ("DDL on the trail", ddl::ddl()),
        ("Set-up and storage", [setup(), storage()].concat()),
        ("Functions called for what they are not made for", misuse()),
    ]
}

fn evidence() -> Vec<Report> {
    told(all!(EvidenceError:
        LogUnreadable { log: ID }, NothingSealed, WorkspaceNotSealed { workspace: ID }, UnknownEvent { event: EventId(ID) },
        EventNotSealed { event: EventId(ID) }, UnknownOrigin { origin: a("origin") },
        NoSealOfSize { name: "‹parameter›", size: 0, newest: 0 }, BeyondLog { name: "‹parameter›", value: 0, size: 0 },
        UnknownField { field: a("column") }, NotANote, NotOurCheckpoint { line: a("line") }, TooManySignatures { size: 0 },
        NotStaff))
}

fn constraints() -> Vec<Report> {
    Constraint::ALL.iter().map(IntoReport::report).collect()
}

fn keys() -> Vec<Report> {
    told(all!(KeyError: Length, OtherContent))
}

fn reserved() -> Vec<Report> {
    let reserved =
        all!(Reserved: ActionType, Metadata, SoftDeletion { column: "‹column›" }, Seal { column: "‹column›" }, Archive);
    let too_large = TooLarge { parameter: "p_new_values", bytes: 2_000, limit: 1_000 };
    let too_long =
        PrintsTooLong { parameter: "p_new_values", length: 1_000_000_000, limit: 20_000_000, is_of_all: false };
    [told(reserved), vec![too_large.report(), too_long.report()]].concat()
}

fn stamps() -> Vec<Report> {
    told(all!(StampError: OwnId, TimeOutOfRange, NoRandomness))
}

fn order() -> Vec<Report> {
    told(all!(OrderError: BeforeNewest { newest: TIME }, FloorIncomplete, FloorInFuture, FloorBeforeNewest))
}

fn members() -> Vec<Report> {
    told(all!(MembershipError: NotAMember, SourceGone { detail: "There is no table ‹table›.".to_owned() }))
}

fn bulk() -> Vec<Report> {
    let problem = Problem { key: Some(a("key")), problem: "‹is wrong›", hint: "‹what to give›" };
    told(all!(BulkError: NotAnArray, Element { index: 0, problem: problem }))
}

fn interference() -> Vec<Report> {
    told(all!(Interference: Suppressed { table: "‹table›" }, Altered { table: "‹table›" }, Busy { table: "‹table›" }))
}

fn reading() -> Vec<Report> {
    let for_nobody = ReadsForNobody { why: NoUser::Missing };
    let no_such_event = NoSuchEvent { id: EventId(ID), is_of_one_workspace: true, continued: Continued::Pages };
    vec![
        no_such_event.report(),
        EventIsCold { event: EventId(ID) }.report(),
        for_nobody.report(),
        NotForAllWorkspaces.report(),
        NotRecorded.report(),
    ]
}

fn immutable() -> Vec<Report> {
    let refused = |what| Immutable { what, operation: "UPDATE", table: a("table") }.report();
    [Lasting::Events, Lasting::DeletionLog, Lasting::Configuration].map(refused).to_vec()
}

fn functions_only() -> Vec<Report> {
    let right = NotAllowedToConfigure { role: a("role"), table: a("table") };
    vec![FunctionsOnly { table: a("table"), functions: a("functions") }.report(), right.report()]
}

fn conservation() -> Vec<Report> {
    vec![NotConserved { event: EventId(ID) }.report()]
}

fn permits() -> Vec<Report> {
    told(all!(Breach: Nested, Surplus { table: a("table") }))
}

fn persons() -> Vec<Report> {
    told(all!(Nobody: NoOfficer { role: a("role") }, ActsForRole, Acts { why: NoUser::Missing }, ServiceDecides))
}

fn contention() -> Vec<Report> {
    told(all!(Contention: Lock { what: "‹maintenance›" }, Sealer, Turn { what: "‹maintenance›" }))
}

fn maintenance() -> Vec<Report> {
    let (taken, calls) = (NameTaken { name: a("name") }, a("calls and when"));
    vec![taken.report(), archiving::IN_BLOCK.report(), NoScheduler { calls }.report()]
}

fn seals() -> Vec<Report> {
    let logs = told(all!(SealError:
        Isolation,
        Encoding,
        Subscriber,
        NoIndex,
        Origin { origin: a("setting") },
        Odd { count: 1 },
    ));
    [logs, vec![sealing::IN_BLOCK.report(), OwnEvent { event: ID }.report()]].concat()
}

fn setup() -> Vec<Report> {
    told(all!(SetupError:
        NotOwner { owner: a("owner") },
        ForeignStorage { differences: vec![a("differences")] },
        IsMember { member: a("table") },
        Restoring,
    ))
}

fn storage() -> Vec<Report> {
    told(all!(StorageError: Missing { relation: a("table") }, Split { table: a("table") }))
}

fn misuse() -> Vec<Report> {
    let misuse = told(all!(Misuse:
        SetNotExpected,
        NotATrigger,
        MisplacedTrigger { function: a("function"), table: a("table"), expected: a("operations and table") },
        OtherColumns { table: a("table") },
        PreparedWithStrongLocks,
    ));
    [misuse, vec![NoTimer.report()]].concat()
}

/// The lists of the page, concept by concept.
fn page() -> String {
    let (id, time) = (ID.to_string(), TIME.to_string());
    let named = |text: &str| text.replace(&id, "‹id›").replace(&time, "‹time›").replace('|', "\\|");
    let mut page = String::new();
    for (concept, reports) in every() {
        let _ = write!(page, "\n### {concept}\n\n| code | message and DETAIL | HINT |\n| --- | --- | --- |\n");
        for Report { sqlstate, message, detail, hint, .. } in reports {
            let detail = detail.map(|detail| format!("<br>{}", named(&detail))).unwrap_or_default();
            let hint = named(&hint.unwrap_or_default());
            let _ = writeln!(page, "| {} | {}{detail} | {hint} |", sqlstate.code(), named(&message));
        }
    }
    page
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/errors.md");
const BEGIN: &str = "<!-- Made by the unit test every_error; ACCEPT_ERRORS=1 writes it anew. -->\n";
const END: &str = "\n<!-- The end of what is made. -->\n";

#[test]
fn the_manual_lists_every_error() {
    let written = std::fs::read_to_string(PAGE).expect("the page of errors");
    let (before, rest) = written.split_once(BEGIN).expect("a place for the lists");
    let (listed, behind) = rest.split_once(END).expect("an end of the lists");
    if std::env::var_os("ACCEPT_ERRORS").is_some() {
        std::fs::write(PAGE, [before, BEGIN, &page(), END, behind].concat()).expect("to write the page");
    } else {
        assert!(
            listed == page(),
            "the lists of {PAGE} are not what the errors say: run this test with ACCEPT_ERRORS=1 and read the difference"
        );
    }
}

#[test]
fn every_error_says_what_to_do_and_looks_like_the_others() {
    for report in every().into_iter().flat_map(|(_, reports)| reports) {
        let Report { sqlstate, message, detail, hint, .. } = &report;
        assert!(hint.as_ref().is_some_and(|hint| !hint.is_empty()), "no hint: {message}");
        assert!(!message.ends_with('.'), "a message is no sentence: {message}");
        assert!(*sqlstate != SqlState::SuccessfulCompletion, "{message}");
        for sentence in [detail, hint].into_iter().flatten() {
            assert!(sentence.ends_with(['.', '›']), "{message}: a whole sentence: {sentence}");
        }
    }
}
