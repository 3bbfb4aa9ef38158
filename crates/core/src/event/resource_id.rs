//! Ids for things that have only a name: UUIDv5 (RFC 9562) of type and key, in a namespace of the trail's own.

use uuid::Uuid;

/// The type of resource that a workspace is: its id, where its key is no UUID, is made with it.
pub const WORKSPACE: &str = "workspace";

/// The namespace of one trail. Without its salt, nobody can find out the key of an id by trying keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespace(Uuid);

impl Namespace {
    pub fn of(salt: &[u8]) -> Namespace {
        /// A random UUID of this extension, so that its names cannot collide with those of another namespace.
        const EXTENSION: Uuid = uuid::uuid!("6f9a2d1e-3f0b-5c9e-8b65-0d1c54a7c3b2");
        Namespace(Uuid::new_v5(&EXTENSION, salt))
    }

    pub fn id(self, resource_type: &str, key: &str) -> Uuid {
        Uuid::new_v5(&Uuid::new_v5(&self.0, resource_type.as_bytes()), key.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gives_the_same_id_and_kinds_do_not_mix() {
        let trail = Namespace::of(b"one");
        assert_eq!(trail.id("db_role", "alice"), trail.id("db_role", "alice"));
        assert_ne!(trail.id("db_role", "alice"), trail.id("user", "alice"));
        assert_ne!(trail.id("a", "b:c"), trail.id("a:b", "c"));
        assert_eq!(trail.id("db_role", "alice").get_version_num(), 5);
    }

    #[test]
    fn another_salt_gives_other_ids() {
        assert_ne!(Namespace::of(b"one").id("db_role", "alice"), Namespace::of(b"other").id("db_role", "alice"));
    }
}
