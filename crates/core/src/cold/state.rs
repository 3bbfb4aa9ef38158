//! The states of an object of cold storage, and the steps between them.
//!
//! ```text
//! open ──► stored ──► released ──► condemned ──► gone
//!   └────────┴────────────────────────▲
//! ```
//!
//! Until an object is released its events are in the database. From then on they are in its file, which must exist until it is condemned.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The file is being written; what is there is worth nothing.
    Open,
    /// The file was read back, and its digests are known.
    Stored,
    /// The events are in the file only, apart from loans.
    Released,
    /// The file is to be removed.
    Condemned,
    /// The file was removed.
    Gone,
}

impl State {
    pub const ALL: [State; 5] = [State::Open, State::Stored, State::Released, State::Condemned, State::Gone];

    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Stored => "stored",
            State::Released => "released",
            State::Condemned => "condemned",
            State::Gone => "gone",
        }
    }

    /// Whether an object of this state may be brought to that one.
    pub fn may_become(self, next: State) -> bool {
        matches!(
            (self, next),
            (State::Open, State::Stored | State::Condemned)
                | (State::Stored, State::Released | State::Condemned)
                | (State::Released, State::Condemned)
                | (State::Condemned, State::Gone)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_goes_forward_only_and_ends_gone() {
        let mut steps = Vec::new();
        for from in State::ALL {
            steps.extend(State::ALL.into_iter().filter(|to| from.may_become(*to)).map(|to| (from.name(), to.name())));
        }
        let known = [
            ("open", "stored"),
            ("open", "condemned"),
            ("stored", "released"),
            ("stored", "condemned"),
            ("released", "condemned"),
            ("condemned", "gone"),
        ];
        assert_eq!(steps, known);
    }

    #[test]
    fn the_table_knows_each_state_by_its_name() {
        const TABLE: &str = include_str!("../../../../sql/schema/cold_objects.sql");
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(state));
            assert!(TABLE.contains(&format!("WHEN '{}' THEN", state.name())), "{}", state.name());
        }
        assert_eq!(State::parse("frozen"), None);
    }
}
