//! The errors of cold storage.

use audit_core::cold::conflict::Conflict;
use audit_core::cold::content::{BytesError, Differs};
use audit_core::cold::manifest::Unfit;
use audit_core::cold::obstacle::Obstacle;
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::ids::EventId;
use audit_core::month::Month;
use audit_core::report::{IntoReport, Report};

use super::sample::{ID, a, told};
use crate::seal::cold::NotAsSealed;

fn cold_rows() -> Vec<Report> {
    let differs = Differs { object: ID, chunk: 0, in_object: 2, in_archive: 1 };
    let bytes = told(all!(BytesError:
        NotThisChunk { object: ID, chunk: 0 },
        NoSuchChunk { object: ID, chunk: 1, count: 1 },
        NoMemory { object: ID, chunk: 1, bytes: 1 },
        NotItsEvents { object: ID, chunk: 0, problem: a("what is wrong") },
    ));
    let steps = told(all!(StepError:
        IsSuccessor { object: ID, replaces: ID },
        ErasurePending { object: ID },
        NoErasurePending { object: ID },
        NotSearched { object: ID, chunk: 0 },
        FileNotSound { object: ID },
        NothingStored { workspace: ID },
    ));
    let sealed = [true, false].map(|is_sealed| NotAsSealed { event: EventId(ID), is_sealed }.report());
    [vec![differs.report()], bytes, steps, sealed.to_vec()].concat()
}

pub(super) fn cold() -> Vec<Report> {
    let conflicts = told(all!(Conflict:
        UnknownObject { parameter: "‹parameter›", object: ID },
        WrongState { object: ID, state: State::Released, meant_for: "‹states›" },
        NoStep { object: ID, state: State::Released },
        Blocked { month: Month::FIRST, obstacle: Obstacle::Held },
        SessionLives { object: ID },
        OtherMonth { parameter: "‹parameter›", object: ID },
        NotKnownToBeThere { object: ID, replaces: ID },
        Known { object: ID, state: State::Released },
        Superseded { object: ID, successor: ID },
        SameEvents { object: ID, released: ID },
        InDatabase { count: 1 },
    ));
    let blocked = Obstacle::ALL.map(|obstacle| Conflict::Blocked { month: Month::FIRST, obstacle }.report());
    let unfit = Unfit::new("‹field›", "‹what it must be›").report();
    let conflicts = conflicts.into_iter().filter(|report| !report.message.starts_with("the events of")).chain(blocked);
    conflicts.chain([unfit]).chain(cold_rows()).collect()
}
