//! PostgreSQL's callbacks: a transaction or savepoint ended, a catalog entry changed.
//!
//! The extension registers one callback of each kind, once. (A callback registered per transaction fires at the wrong time after PREPARE
//! TRANSACTION and ROLLBACK TO.) Other modules add [`Hooks`].

use std::cell::{Cell, RefCell};
use std::ffi::c_void;

use pgrx::pg_sys;

/// What a module does at such a moment. It may only clear memory or set flags: no access to the catalog and no error, except in
/// `before_prepare` and `before_commit`.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// Savepoints from this one on were rolled back.
    pub rolled_back_to: fn(pg_sys::SubTransactionId),
    /// A savepoint was released into its parent.
    pub released: fn(pg_sys::SubTransactionId, pg_sys::SubTransactionId),
    /// The transaction is about to be prepared; may raise.
    pub before_prepare: fn(),
    /// The transaction is about to commit or to be prepared; may raise.
    pub before_commit: fn(),
    /// The transaction is over, or prepared.
    pub ended: fn(),
}

impl Hooks {
    pub const NONE: Hooks = Hooks {
        rolled_back_to: |_| (),
        released: |_, _| (),
        before_prepare: || (),
        before_commit: || (),
        ended: || (),
    };
}

static HOOKS: std::sync::OnceLock<&[Hooks]> = std::sync::OnceLock::new();

fn tell(hook: impl FnMut(&Hooks)) {
    HOOKS.get().copied().unwrap_or_default().iter().for_each(hook);
}

thread_local! {
    /// Relations whose change makes remembered catalog facts stale.
    static WATCHED: RefCell<Vec<pg_sys::Oid>> = const { RefCell::new(Vec::new()) };
    /// Grows whenever something we remember of the catalog may have changed.
    static CATALOG_GENERATION: Cell<u64> = const { Cell::new(1) };
    /// Grows whenever a role may have another name.
    static ROLE_GENERATION: Cell<u64> = const { Cell::new(1) };
    /// Grows at the end of every transaction.
    static TRANSACTION: Cell<u64> = const { Cell::new(1) };
    /// Grows at every rollback, to a savepoint too, and when a transaction is prepared: what was read or written before may be undone.
    static ROLLBACK_GENERATION: Cell<u64> = const { Cell::new(1) };
}

/// While this does not change, locks that were taken until the end of the transaction are held: it moves when a transaction ends
/// and when one is rolled back to a savepoint, which gives back the locks taken since.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct LockEpoch {
    transaction: u64,
    rollback: u64,
}

pub fn lock_epoch() -> LockEpoch {
    LockEpoch { transaction: TRANSACTION.get(), rollback: ROLLBACK_GENERATION.get() }
}

pub fn catalog_generation() -> u64 {
    CATALOG_GENERATION.get()
}

pub fn role_generation() -> u64 {
    ROLE_GENERATION.get()
}

pub fn rollback_generation() -> u64 {
    ROLLBACK_GENERATION.get()
}

/// Watches these relations for changes, instead of those watched before. Everything remembered becomes stale.
pub fn watch(relations: &[pg_sys::Oid]) {
    forget_catalog();
    WATCHED.with_borrow_mut(|watched| {
        watched.clear();
        watched.extend_from_slice(relations);
    });
}

/// Watches this relation too.
pub fn watch_also(relation: pg_sys::Oid) {
    WATCHED.with_borrow_mut(|watched| {
        if !watched.contains(&relation) {
            watched.push(relation);
        }
    });
}

/// Makes everything stale that is remembered of the catalog.
pub fn forget_catalog() {
    CATALOG_GENERATION.set(CATALOG_GENERATION.get() + 1);
}

/// Called once, when the library is loaded.
pub fn register(hooks: &'static [Hooks]) {
    let _ = HOOKS.set(hooks);
    // SAFETY: the functions live as long as the library, which is never unloaded.
    unsafe {
        pg_sys::RegisterXactCallback(Some(transaction_ended), std::ptr::null_mut());
        pg_sys::RegisterSubXactCallback(Some(savepoint_ended), std::ptr::null_mut());
        pg_sys::CacheRegisterRelcacheCallback(Some(relation_changed), pg_sys::Datum::from(0usize));
        pg_sys::CacheRegisterSyscacheCallback(
            pg_sys::SysCacheIdentifier::NAMESPACEOID as _,
            Some(schema_changed),
            pg_sys::Datum::from(0usize),
        );
        pg_sys::CacheRegisterSyscacheCallback(
            pg_sys::SysCacheIdentifier::AUTHOID as _,
            Some(role_changed),
            pg_sys::Datum::from(0usize),
        );
    }
}

unsafe extern "C-unwind" fn transaction_ended(event: pg_sys::XactEvent::Type, _: *mut c_void) {
    use pg_sys::XactEvent::*;
    match event {
        XACT_EVENT_ABORT | XACT_EVENT_PARALLEL_ABORT => {
            ROLLBACK_GENERATION.set(ROLLBACK_GENERATION.get() + 1);
            end_transaction();
        }
        // SAFETY: the guard turns an error that unwinds into one that Postgres takes; before commit it may be raised.
        XACT_EVENT_PRE_COMMIT | XACT_EVENT_PRE_PREPARE => unsafe {
            pgrx::pgrx_extern_c_guard(|| {
                if event == XACT_EVENT_PRE_PREPARE {
                    tell(|hooks| (hooks.before_prepare)());
                }
                tell(|hooks| (hooks.before_commit)());
            })
        },
        // What is prepared may be rolled back yet, by whomever.
        XACT_EVENT_PREPARE => {
            ROLLBACK_GENERATION.set(ROLLBACK_GENERATION.get() + 1);
            end_transaction();
        }
        XACT_EVENT_COMMIT | XACT_EVENT_PARALLEL_COMMIT => end_transaction(),
        _ => {}
    }
}

fn end_transaction() {
    TRANSACTION.set(TRANSACTION.get() + 1);
    tell(|hooks| (hooks.ended)());
}

unsafe extern "C-unwind" fn savepoint_ended(
    event: pg_sys::SubXactEvent::Type,
    own: pg_sys::SubTransactionId,
    parent: pg_sys::SubTransactionId,
    _: *mut c_void,
) {
    use pg_sys::SubXactEvent::*;
    match event {
        SUBXACT_EVENT_ABORT_SUB => {
            ROLLBACK_GENERATION.set(ROLLBACK_GENERATION.get() + 1);
            tell(|hooks| (hooks.rolled_back_to)(own));
        }
        SUBXACT_EVENT_COMMIT_SUB => tell(|hooks| (hooks.released)(own, parent)),
        _ => {}
    }
}

unsafe extern "C-unwind" fn relation_changed(_: pg_sys::Datum, relation: pg_sys::Oid) {
    // Callbacks may come while a borrow is open; then the safe answer is "changed".
    let known = WATCHED.with(|watched| watched.try_borrow().map_or(true, |list| list.contains(&relation)));
    if relation == pg_sys::InvalidOid || known {
        CATALOG_GENERATION.set(CATALOG_GENERATION.get() + 1);
    }
}

unsafe extern "C-unwind" fn schema_changed(_: pg_sys::Datum, _cache: std::ffi::c_int, _hash: pg_sys::uint32) {
    CATALOG_GENERATION.set(CATALOG_GENERATION.get() + 1);
}

unsafe extern "C-unwind" fn role_changed(_: pg_sys::Datum, _cache: std::ffi::c_int, _hash: pg_sys::uint32) {
    ROLE_GENERATION.set(ROLE_GENERATION.get() + 1);
}
