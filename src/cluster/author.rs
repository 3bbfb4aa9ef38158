//! Who does what is told: whoever acts in this session, or did on another node of the cluster what is done here.

use std::cell::RefCell;
use std::ffi::CString;

use uuid::Uuid;

use crate::pg::guc::LocalSettings;
use crate::pg::role;
use crate::request;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub user: Option<Uuid>,
    pub session_user: String,
    pub role: String,
}

thread_local! {
    static ELSEWHERE: RefCell<Option<Author>> = const { RefCell::new(None) };
}

impl Author {
    /// Whoever did on another node what is done here.
    pub fn elsewhere() -> Option<Author> {
        ELSEWHERE.with_borrow(Clone::clone)
    }

    pub fn acting() -> Author {
        Author::elsewhere().unwrap_or_else(|| Author {
            user: request::user().map(Uuid::from),
            session_user: role::name(role::session_user()),
            role: role::name(role::outer_user()),
        })
    }
}

/// While this lives, what is done is done for an author on another node, who is also the user of the request.
pub struct Behalf {
    _user: Option<LocalSettings>,
}

impl Behalf {
    pub fn of(author: Author) -> Behalf {
        let _user = author.user.map(|user| {
            let settings = LocalSettings::new();
            settings.set(c"audit_ext.user_id", &CString::new(user.to_string()).unwrap_or_default());
            settings
        });
        ELSEWHERE.set(Some(author));
        Behalf { _user }
    }
}

impl Drop for Behalf {
    fn drop(&mut self) {
        ELSEWHERE.set(None);
    }
}
