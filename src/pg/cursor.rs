//! Reading a large answer piece by piece, in as much memory as one piece takes.

use std::ffi::{CStr, CString};

use pgrx::pg_sys::{self, Oid};

use super::parameter::Parameter;
use super::quote::c_string;
use super::spi::{Connection, Outcome, ResultRow, arguments_of};

/// An open query. All cursors of a call see the same: what its statement sees.
pub struct Cursor {
    /// Of the portal. Whoever holds a portal must look it up: it ends with the transaction.
    name: CString,
    /// A pinned portal outlives a commit of the procedure that opened it.
    is_pinned: bool,
}

impl Cursor {
    /// Nothing but SELECT.
    pub fn open(sql: &str, parameters: &[Parameter]) -> Cursor {
        let _connection = Connection::open();
        let text = c_string(sql);
        let mut types: Vec<Oid> = parameters.iter().map(|(oid, _)| *oid).collect();
        let (mut values, nulls) = arguments_of(parameters.iter().copied());
        // SAFETY: as many types, values and NULL flags as parameters, which are copied; it gives a portal or raises. The name is the portal's, and is copied.
        let name = unsafe {
            let portal = pg_sys::SPI_cursor_open_with_args(
                std::ptr::null(),
                text.as_ptr(),
                parameters.len() as i32,
                types.as_mut_ptr(),
                values.as_mut_ptr(),
                nulls.as_ptr(),
                true,
                pg_sys::CURSOR_OPT_NO_SCROLL as i32,
            );
            CStr::from_ptr((*portal).name).to_owned()
        };
        Cursor { name, is_pinned: false }
    }

    /// As [`Cursor::open`], for a procedure: at its next commit the rest of the answer is kept, on disk where it is large. The rights are those of whoever
    /// is the current user then.
    pub fn open_across_commits(sql: &str, parameters: &[Parameter]) -> Cursor {
        let mut cursor = Cursor::open(sql, parameters);
        cursor.is_pinned = true;
        // SAFETY: the portal was just opened. It is what loops of PL/pgSQL do; an error closes a pinned portal, too.
        unsafe { pg_sys::PinPortal(pg_sys::SPI_cursor_find(cursor.name.as_ptr())) }
        cursor
    }

    /// What `read` makes of each of the next rows, `most` at most; nothing at the end.
    pub fn fetch<T>(&self, most: u32, read: impl FnMut(ResultRow) -> T) -> Vec<T> {
        let _connection = Connection::open();
        // SAFETY: the portal is looked up. SPI leaves the rows in SPI_tuptable, which lives until the connection is closed.
        let outcome = unsafe {
            let portal = pg_sys::SPI_cursor_find(self.name.as_ptr());
            assert!(!portal.is_null(), "a cursor that is open");
            pg_sys::SPI_cursor_fetch(portal, true, most.into());
            Outcome::of_last_statement()
        };
        outcome.rows().map(read).collect()
    }
}

impl Cursor {
    /// What `read` makes of each row, of which `at_once` are read at a time.
    pub fn rows<T>(self, at_once: u32, mut read: impl FnMut(ResultRow) -> T) -> impl Iterator<Item = T> {
        let mut piece = Vec::new().into_iter();
        std::iter::from_fn(move || {
            piece.next().or_else(|| {
                piece = self.fetch(at_once, &mut read).into_iter();
                piece.next()
            })
        })
    }
}

impl Drop for Cursor {
    /// After an error the portal ends with the (sub)transaction.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let _connection = Connection::open();
        // SAFETY: a portal that is there is closed.
        unsafe {
            let portal = pg_sys::SPI_cursor_find(self.name.as_ptr());
            if !portal.is_null() {
                if self.is_pinned {
                    pg_sys::UnpinPortal(portal);
                }
                pg_sys::SPI_cursor_close(portal);
            }
        }
    }
}
