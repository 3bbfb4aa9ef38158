//! What the leaves of a row stand for: events by their ids, and in a root log the heads of workspaces.

use uuid::Uuid;

/// Bytes of an event's id in the log of its workspace.
pub const EVENT_REF: usize = 16;
/// Bytes of a head in a root log: the workspace, the size of its log, and the size at its head before.
pub const HEAD_REF: usize = 32;

/// The head of a workspace's log, as a leaf of a root log stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadRef {
    pub workspace: Uuid,
    pub size: u64,
    /// The size of the log at its head before: the leaves from there on are what this head added.
    pub from: u64,
}

impl HeadRef {
    pub fn to_bytes(self) -> [u8; HEAD_REF] {
        let mut bytes = [0; HEAD_REF];
        bytes[..16].copy_from_slice(self.workspace.as_bytes());
        bytes[16..24].copy_from_slice(&self.size.to_be_bytes());
        bytes[24..].copy_from_slice(&self.from.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; HEAD_REF]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let (workspace, _) = bytes.as_chunks::<16>();
        Self {
            workspace: Uuid::from_bytes(workspace[0]),
            size: u64::from_be_bytes(words[2]),
            from: u64::from_be_bytes(words[3]),
        }
    }
}

/// The ids of a row of a workspace's log; `None` for bytes that are none.
pub fn events(refs: &[u8]) -> Option<Vec<Uuid>> {
    let (ids, rest) = refs.as_chunks::<EVENT_REF>();
    rest.is_empty().then(|| ids.iter().map(|id| Uuid::from_bytes(*id)).collect())
}

/// The heads of a row of a root log; `None` for bytes that are none.
pub fn heads(refs: &[u8]) -> Option<Vec<HeadRef>> {
    let (heads, rest) = refs.as_chunks::<HEAD_REF>();
    rest.is_empty().then(|| heads.iter().map(HeadRef::from_bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = |number| HeadRef {
            workspace: Uuid::from_u128(number),
            size: number as u64 + (1 << 40),
            from: number as u64,
        };
        let bytes = [head(7).to_bytes(), head(9).to_bytes()].concat();
        assert_eq!(heads(&bytes), Some(vec![head(7), head(9)]));
        assert_eq!(heads(&bytes[1..]), None);
        assert_eq!(bytes[16..24], [0, 0, 1, 0, 0, 0, 0, 7], "the size is big-endian");
        assert_eq!(bytes[24..32], [0, 0, 0, 0, 0, 0, 0, 7], "and so is the size before");
    }

    #[test]
    fn ids_stand_one_behind_another() {
        let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
        assert_eq!(events(&ids.map(Uuid::into_bytes).concat()), Some(ids.to_vec()));
        assert_eq!(events(&[0; 17]), None);
        assert_eq!(events(&[]), Some(Vec::new()));
    }
}
