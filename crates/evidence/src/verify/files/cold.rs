//! Files of cold storage beside a workspace's bundle: each row is read back into its canonical bytes and makes its leaf again.

use std::path::{Path, PathBuf};

use audit_cold_row::{Column, Row, Rows, print, uuid};
use uuid::Uuid;

use super::accounts::Accounts;
use super::lines::Unreadable;
use crate::checkpoint::Checkpoint;
use crate::field::{Field, Values};
use crate::leaf::LeafMaker;
use crate::note::Note;
use crate::verify::filed::{File, Filed, MarksDigest};
use crate::verify::{Code, Finding, Report, leaf_of};

/// Where files of cold storage are, and how they are read.
pub trait ColdFiles {
    /// The files of a workspace.
    fn of(&self, workspace: Uuid) -> std::io::Result<Vec<PathBuf>>;

    fn open(&self, path: &Path) -> Result<Box<dyn ColdFile>, String>;
}

/// A file of format 1.
pub trait ColdFile {
    /// The checkpoint that covers its last event, as it says itself.
    fn evidence(&self) -> Option<String>;

    fn chunk_count(&self) -> usize;

    /// The canonical rows of a chunk.
    fn chunk(&mut self, chunk: usize) -> Result<Vec<u8>, String>;
}

/// Puts each row of a workspace's files into the accounts, and gives the files. `newest`: the newest checkpoint that its bundle shows, if that shows the log
/// from the first place on.
pub fn read(
    cold: &dyn ColdFiles,
    workspace: Uuid,
    newest: Option<&Checkpoint>,
    accounts: &mut Accounts,
    report: &mut Report,
) -> Result<Vec<File>, Unreadable> {
    let (mut files, mut maker) = (Vec::new(), LeafMaker::new());
    for path in cold.of(workspace)? {
        let name = path.display().to_string();
        let number = u32::try_from(files.len()).unwrap_or(u32::MAX);
        // What cannot be read is not there: its events are told as missing, and this says why.
        let mut tell = |problem: String| {
            let detail = format!("{name} cannot be read: {problem}");
            report.add(Finding::new(Code::ColdUnreadable, detail).of(Some(workspace)));
        };
        let mut file = match cold.open(&path) {
            Ok(file) => file,
            Err(problem) => {
                tell(problem);
                continue;
            }
        };
        for chunk in 0..file.chunk_count() {
            match file.chunk(chunk) {
                Ok(rows) => read_chunk(&rows, number, &mut maker, accounts, &mut tell)?,
                Err(problem) => tell(problem),
            }
        }
        files.push(File { name, covers_more: covers_more(file.evidence().as_deref(), newest) });
    }
    Ok(files)
}

/// Whether a file may hold events that the log which is shown does not: it was written before anything was sealed, or is newer than the log.
fn covers_more(evidence: Option<&str>, newest: Option<&Checkpoint>) -> bool {
    let (Some(evidence), Some(newest)) = (evidence, newest) else { return true };
    let covered = Note::read(evidence).and_then(|note| Checkpoint::parse(&note.text));
    covered.is_some_and(|covered| covered.origin != newest.origin || covered.size > newest.size)
}

fn read_chunk(
    rows: &[u8],
    file: u32,
    maker: &mut LeafMaker,
    accounts: &mut Accounts,
    tell: &mut dyn FnMut(String),
) -> Result<(), Unreadable> {
    for row in Rows::new(rows) {
        match row.map(|row| read_row(&row, file, maker)) {
            Ok(Some((id, row))) => accounts.filed(id, &row)?,
            Ok(None) => tell("a row has no id".into()),
            Err(malformed) => tell(malformed.to_string()),
        }
    }
    Ok(())
}

fn read_row(row: &Row, file: u32, maker: &mut LeafMaker) -> Option<(Uuid, Filed)> {
    let id = Uuid::from_bytes(uuid(row.get(Column::Id)?)?);
    let texts = LEAF.map(|column| row.get(column).map(|field| print(column, field)));
    let marks = MARKS.map(|column| row.get(column).map(|field| print(column, field)));
    let leaf = match texts.iter().chain(&marks).flatten().all(Option::is_some) {
        true => {
            let values = Values(std::array::from_fn(|place| texts[place].as_ref().and_then(|text| text.as_deref())));
            leaf_of(maker, &values, row.get(Column::SealKey)).ok()
        }
        // Bytes that are no value of their column.
        false => None,
    };
    let (leaf, is_erased) = leaf.unzip();
    let marks = MarksDigest::of(marks.each_ref().map(|text| text.as_ref().and_then(|text| text.as_deref())));
    Some((id, Filed { file, leaf, is_erased: is_erased.unwrap_or(false), marks }))
}

/// In the order of [`Field::ALL`].
const LEAF: [Column; Field::COUNT] = [
    Column::Id,
    Column::CreatedAt,
    Column::CreatedByUserId,
    Column::ActionType,
    Column::ResourceType,
    Column::ResourceId,
    Column::WorkspaceId,
    Column::OldValues,
    Column::NewValues,
    Column::ChangedFields,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];
const MARKS: [Column; 3] = [Column::DeletedAt, Column::DeletedByUserId, Column::DeletionReason];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_made_of_the_columns_of_the_same_names() {
        let name = |column: Column| format!("{column:?}");
        assert!(LEAF.iter().zip(Field::ALL).all(|(column, field)| name(*column) == format!("{field:?}")));
    }

    #[test]
    fn a_file_covers_more_if_its_checkpoint_does() {
        let at = |origin: &str, size| Checkpoint { origin: origin.into(), size, root: crate::hash::Hash::of(b"root") };
        let note = |size| at("log/1", size).to_string();
        let newest = at("log/1", 5);
        assert!(!covers_more(Some("odd"), Some(&newest)));
        assert!(covers_more(None, Some(&newest)), "nothing was sealed yet");
        assert!(covers_more(Some(&note(4)), None), "the bundle does not begin at the first place");
        for (size, more) in [(4, false), (5, false), (6, true)] {
            assert_eq!(covers_more(Some(&note(size)), Some(&newest)), more, "{size}");
        }
        assert!(covers_more(Some(&note(4)), Some(&at("log/2", 5))));
    }
}
