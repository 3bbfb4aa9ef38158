//! What verification can find. Each code says to its reader what is proven and what is not.

use std::fmt;

use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Warning,
    Critical,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

macro_rules! codes {
    ($($severity:ident $code:ident $name:literal $meaning:literal)*) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($code),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity),* }
            }

            /// What it means for a reader.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning),* }
            }
        }
    };
}

codes! {
    Critical RowModified "row_modified" "This event is not what was sealed: a column or its key was changed afterwards. Other events are judged by themselves."
    Critical RowMissing "row_missing" "An event was sealed and is gone, and no recorded deletion names it."
    Critical RowNotInLog "row_not_in_log" "An event is there that should have been sealed and was not: it was put in afterwards, or its place in the log was taken away."
    Critical TileMismatch "tile_mismatch" "Stored hashes do not fit the leaves below them: the stored log was changed. Proofs made from it prove nothing."
    Critical RootMismatch "root_mismatch" "The leaves lead to another root than the checkpoint has: leaves were changed, added, removed or reordered."
    Critical HeadMismatch "head_mismatch" "The log of this workspace is not the one whose head was sealed: it was changed or cut."
    Critical CheckpointFork "checkpoint_fork" "A checkpoint that was kept outside does not belong to this history: the history was rewritten, or is another trail's."
    Critical CheckpointAhead "checkpoint_ahead" "A checkpoint that was kept outside covers more than is here: the trail was rolled back to an earlier state."
    Critical SignatureBad "signature_bad" "A signature under the checkpoint is not one of the key that was given. Nothing says that its signer saw it."
    Critical ErasedWithoutEntry "erased_without_entry" "A payload is gone, and no recorded deletion names the event: it was erased past the rules."
    Critical MarksMismatch "marks_mismatch" "The marks of a deletion are not those of the deletion that took the payload, or stand where nothing was deleted."
    Critical EntryAltered "entry_altered" "An entry of the deletion log is not what it was: its content, its effect or its place was changed, or it is gone. It covers nothing."
    Critical ListAltered "list_altered" "The list of what a deletion took is not the one that was recorded. It covers nothing."
    Critical EntryNotSealed "entry_not_sealed" "No sealed event vouches for an entry of the deletion log: it was made past the rules. It covers nothing."
    Critical IdTwice "id_twice" "One id stands for several events: one of them was passed off as the other."
    Critical ColdUnreadable "cold_unreadable" "A file of cold storage, or a part of it, cannot be read: it is not what was stored."
    Warning EventNotSealed "event_not_sealed" "Nothing is proven of this event: it has no place in a log yet, or cannot have one."
    Warning DeletionIncomplete "deletion_incomplete" "A recorded deletion names this event, and it is still there: it was put back, or never taken."
    Warning SealOverdue "seal_overdue" "Nothing is proven of what was recorded since the last seal, which is long ago."
    Warning SignatureMissing "signature_missing" "Fewer signatures than asked for: what is proven holds for whoever made this, and nobody else has vouched for it."
    Warning HeadsNotShown "heads_not_shown" "This log continues nothing that was kept outside, as far as is shown: whoever made it could have shown another one to others."
    Warning EventsNotShown "events_not_shown" "The root log has places of this workspace that no bundle here shows: nothing is said about the events there."
    Warning SealedLate "sealed_late" "An event was sealed over a day after its time: until then nothing kept it from being changed."
    Info Adopted "adopted" "Events without a key were taken into the log later: nothing is proven of them before that."
    Info Cold "cold" "Events are in cold storage: their leaves are proven, their rows are to be verified from the files."
    Info Incarnation "incarnation" "The trail went on as another incarnation, after a restore, a copy or a failover."
}

/// Something that a reader has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub workspace: Option<Uuid>,
    pub index: Option<u64>,
    pub event: Option<Uuid>,
    pub detail: String,
}

impl Finding {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, workspace: None, index: None, event: None, detail: detail.into() }
    }

    pub fn of(self, workspace: Option<Uuid>) -> Self {
        Self { workspace, ..self }
    }

    pub fn at(self, index: u64) -> Self {
        Self { index: Some(index), ..self }
    }

    pub fn event(self, event: Uuid) -> Self {
        Self { event: Some(event), ..self }
    }
}

/// `severity code workspace index event detail`, with a hyphen for what there is not.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        let workspace = or_none(self.workspace.map(|id| id.to_string()));
        let index = or_none(self.index.map(|index| index.to_string()));
        let event = or_none(self.event.map(|id| id.to_string()));
        let (severity, code) = (self.code.severity().name(), self.code.name());
        write!(f, "{severity} {code} {workspace} {index} {event} {}", self.detail)
    }
}
