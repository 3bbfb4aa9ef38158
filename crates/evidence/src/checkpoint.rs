//! The head of a log as text: the body of a C2SP tlog-checkpoint. The head of a workspace's log has the same form and is a leaf of the root log.

use std::fmt;

use uuid::Uuid;

use crate::hash::Hash;

/// A log at one size. Printed it is `<origin>\n<size>\n<base64 of the root>\n`, without further lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// Takes the one form that is printed and no other.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let size = parse_size(size)?;
        let root = Hash::from_base64(root)?;
        (lines.next().is_none() && is_origin(origin)).then(|| Self { origin: origin.into(), size, root })
    }

    /// The head of a workspace's log, whose origin is the root log's with the workspace behind it.
    pub fn of_workspace(origin: &str, workspace: Uuid, size: u64, root: Hash) -> Self {
        Self { origin: format!("{origin}/{workspace}"), size, root }
    }

    /// The origin of the root log and the workspace, if this is the head of a workspace.
    pub fn workspace(&self) -> Option<(&str, Uuid)> {
        let (origin, workspace) = self.origin.rsplit_once('/')?;
        Some((origin, parse_uuid(workspace)?))
    }

    /// The hash of the leaf that a head is in the root log.
    pub fn leaf(&self) -> Hash {
        Hash::of_leaf(self.to_string().as_bytes())
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }
}

/// Digits without a leading zero.
pub fn parse_size(text: &str) -> Option<u64> {
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text && size <= i64::MAX as u64).then_some(size)
}

/// Lower-case, with hyphens: the one form that PostgreSQL prints.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (id.to_string() == text).then_some(id)
}

/// What may stand before `/<root_log_id>` in an origin, and name a key: the setting `audit_ext.log_origin`.
pub fn is_origin(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('{')
        && text.chars().all(|letter| letter != '+' && !letter.is_whitespace() && !letter.is_control())
}

/// What the origins of all incarnations of a trail begin with.
pub fn base(origin: &str) -> &str {
    origin.rsplit_once('/').map_or(origin, |(base, _)| base)
}
