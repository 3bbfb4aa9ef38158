//! Settings: those of the extension, and those that PostgREST sets.

use std::ffi::{CStr, CString};
use std::ops::RangeInclusive;
use std::time::Duration;

use pgrx::pg_sys;
use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};

use super::quote::c_string;

/// A setting as the session sees it now; None when unknown or empty (which is what a transaction-local
/// setting leaves behind).
pub fn value(name: &CStr) -> Option<Vec<u8>> {
    // SAFETY: the answer is valid until the next SET; it is copied at once.
    unsafe {
        let text = pg_sys::GetConfigOption(name.as_ptr(), true, false);
        (!text.is_null() && *text != 0).then(|| CStr::from_ptr(text).to_bytes().to_vec())
    }
}

/// A setting of our own, read where it is kept; None when empty.
pub fn read(setting: &'static GucSetting<Option<CString>>) -> Option<Vec<u8>> {
    // SAFETY: Postgres keeps a C string or NULL there, which lives until the next SET; it is copied at once.
    unsafe {
        let text = *setting.as_ptr();
        (!text.is_null() && *text != 0).then(|| CStr::from_ptr(text).to_bytes().to_vec())
    }
}

/// Whether a setting says this; None when it is unknown.
pub fn says(name: &CStr, text: &[u8]) -> Option<bool> {
    with_value(name, |value| value == text)
}

fn with_value<R>(name: &CStr, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
    // SAFETY: the bytes are valid until the next SET; those who call this, all in this file, only compare them.
    unsafe {
        let text = pg_sys::GetConfigOption(name.as_ptr(), true, false);
        (!text.is_null() && *text != 0).then(|| read(CStr::from_ptr(text).to_bytes()))
    }
}

pub fn define_string(
    name: &'static CStr,
    short: &'static CStr,
    long: &'static CStr,
    setting: &'static GucSetting<Option<CString>>,
) {
    GucRegistry::define_string_guc(name, short, long, setting, GucContext::Userset, GucFlags::default());
}

pub fn define_bool(name: &'static CStr, short: &'static CStr, long: &'static CStr, setting: &'static GucSetting<bool>) {
    GucRegistry::define_bool_guc(name, short, long, setting, GucContext::Userset, GucFlags::default());
}

/// A string that only superusers set.
pub fn define_admin_string(
    name: &'static CStr,
    short: &'static CStr,
    long: &'static CStr,
    setting: &'static GucSetting<Option<CString>>,
) {
    GucRegistry::define_string_guc(name, short, long, setting, GucContext::Suset, GucFlags::default());
}

/// A number of bytes that only superusers set.
pub fn define_admin_bytes(
    name: &'static CStr,
    short: &'static CStr,
    long: &'static CStr,
    setting: &'static GucSetting<i32>,
    range: RangeInclusive<i32>,
) {
    let (least, most) = range.into_inner();
    GucRegistry::define_int_guc(name, short, long, setting, least, most, GucContext::Suset, GucFlags::UNIT_BYTE);
}

/// After this, a misspelt setting under `prefix` is refused.
pub fn reserve_prefix(prefix: &CStr) {
    // SAFETY: a C string that is copied.
    unsafe { pg_sys::MarkGUCPrefixReserved(prefix.as_ptr()) }
}

/// Settings changed through this value are back to what they were when it is dropped, or rolled back.
pub struct LocalSettings {
    level: i32,
}

impl LocalSettings {
    pub fn new() -> Self {
        // SAFETY: a counter; an aborted transaction resets it itself.
        LocalSettings { level: unsafe { pg_sys::NewGUCNestLevel() } }
    }

    /// With what a statement of ours is read by, whatever the session has set: a `search_path` in which nobody but the server's own makes anything, `pg_temp`,
    /// where types are looked for first, being the last; backslashes that are themselves; and names that are quoted where they must be.
    pub fn for_our_statements() -> Self {
        const PINNED: &CStr = c"pg_catalog, pg_temp";
        let settings = LocalSettings::new();
        // SAFETY: the setting is a C string, or NULL before it is first set; it is only compared.
        let is_pinned = unsafe {
            let path = pg_sys::namespace_search_path;
            !path.is_null() && CStr::from_ptr(path) == PINNED
        };
        if !is_pinned {
            settings.set(c"search_path", PINNED);
        }
        // SAFETY: flags of the server, which are only read.
        let (backslashes_are_plain, quotes_all) =
            unsafe { (pg_sys::standard_conforming_strings, pg_sys::quote_all_identifiers) };
        if !backslashes_are_plain {
            settings.set(c"standard_conforming_strings", c"on");
        }
        if quotes_all {
            settings.set(c"quote_all_identifiers", c"off");
        }
        settings
    }

    pub fn set(&self, name: &CStr, value: &CStr) {
        self.set_as(pg_sys::GucContext::PGC_USERSET, name, value);
    }

    /// One that only superusers set.
    pub fn set_as_superuser(&self, name: &CStr, value: &CStr) {
        self.set_as(pg_sys::GucContext::PGC_SUSET, name, value);
    }

    fn set_as(&self, context: pg_sys::GucContext::Type, name: &CStr, value: &CStr) {
        // SAFETY: C strings that are copied.
        unsafe {
            pg_sys::set_config_option(
                name.as_ptr(),
                value.as_ptr(),
                context,
                pg_sys::GucSource::PGC_S_SESSION,
                pg_sys::GucAction::GUC_ACTION_SAVE,
                true,
                0,
                false,
            );
        }
    }
}

impl Drop for LocalSettings {
    fn drop(&mut self) {
        // SAFETY: the level was made by this value; when an error unwinds, the same call restores the settings, and
        // the abort that follows finds nothing left to do.
        unsafe { pg_sys::AtEOXact_GUC(false, self.level) }
    }
}

/// While this lives, a lock is waited for no longer than this; shorter, where the session has it so.
pub fn wait_for_locks_at_most(longest: Duration) -> LocalSettings {
    let settings = LocalSettings::new();
    // SAFETY: reads a setting of the server, in milliseconds; 0 is for ever.
    let current = u128::try_from(unsafe { pg_sys::LockTimeout }).unwrap_or(0);
    if current == 0 || current > longest.as_millis() {
        settings.set(c"lock_timeout", &c_string(&longest.as_millis().to_string()));
    }
    settings
}

/// What the session has set does not show in what is printed while this lives: times in UTC, numbers that read back exactly, names quoted
/// where they must be. None where the session has it so already.
pub fn exact_printing() -> Option<LocalSettings> {
    const WANTED: [(&CStr, &CStr); 6] = [
        (c"DateStyle", c"ISO"),
        (c"IntervalStyle", c"postgres"),
        (c"TimeZone", c"UTC"),
        (c"extra_float_digits", c"1"),
        (c"bytea_output", c"hex"),
        (c"quote_all_identifiers", c"off"),
    ];
    // The order of day and month may follow the style of dates.
    unless(&WANTED, |value, wanted| value.starts_with(wanted))
}

/// Tables that are made while this lives are heaps in the tablespace of the database, whatever the session has set: who may have months made chooses neither.
/// None where the session has it so already.
pub fn plain_storage() -> Option<LocalSettings> {
    unless(&[(c"default_table_access_method", c"heap"), (c"default_tablespace", c"")], |value, wanted| value == wanted)
}

/// The settings as they are wanted; None where all are so.
fn unless(wanted: &[(&CStr, &CStr)], is_so: impl Fn(&[u8], &[u8]) -> bool) -> Option<LocalSettings> {
    let differs =
        |(name, wanted): &(&CStr, &CStr)| with_value(name, |value| !is_so(value, wanted.to_bytes())).unwrap_or(true);
    wanted.iter().any(differs).then(|| {
        let settings = LocalSettings::new();
        wanted.iter().for_each(|(name, wanted)| settings.set(name, wanted));
        settings
    })
}

/// The transaction is on disk when its COMMIT returns, whatever the session has set; where more is set, more is kept.
pub fn commit_durably() {
    const NAME: &CStr = c"synchronous_commit";
    if says(NAME, b"remote_apply") == Some(true) {
        return;
    }
    // SAFETY: C strings that are copied; it lasts to the end of the transaction, as SET LOCAL does.
    unsafe {
        pg_sys::set_config_option(
            NAME.as_ptr(),
            c"on".as_ptr(),
            pg_sys::GucContext::PGC_USERSET,
            pg_sys::GucSource::PGC_S_SESSION,
            pg_sys::GucAction::GUC_ACTION_LOCAL,
            true,
            0,
            false,
        );
    }
}
