//! Who makes a request and what it is: `audit_ext.*` settings of the transaction, else what PostgREST sets for every request.
//!
//! Any SQL user can set all of it, so it describes and never authorises. Only a gateway is trusted to say for whom it acts. For an event,
//! malformed values count as absent: an odd header must not make a write fail. For a decision they do not: a malformed user must not be
//! allowed what a request without a user is allowed.

use std::cell::RefCell;
use std::ffi::{CStr, CString};

use audit_core::ids::UserId;
use audit_core::network::Network;
use audit_core::request::{self, Claims, Headers, NoUser, parse_uuid};
use pgrx::GucSetting;
use serde::de::DeserializeOwned;

use crate::pg::datum::Datum;
use crate::pg::{datum, guc};
use crate::settings;

/// A JSON setting and what it said when it was parsed last; parsed again only when its bytes change.
struct Parsed<T> {
    bytes: Vec<u8>,
    value: T,
}

impl<T: DeserializeOwned + Default> Parsed<T> {
    const fn new(value: T) -> Self {
        Parsed { bytes: Vec::new(), value }
    }

    fn read(&mut self, setting: &CStr) -> Option<&T> {
        let known = guc::with_value(setting, |bytes| {
            if self.bytes != bytes {
                self.bytes = bytes.to_vec();
                self.value = request::read(bytes);
            }
        });
        known.map(|()| &self.value)
    }
}

thread_local! {
    static CLAIMS: RefCell<Parsed<Claims>> = const { RefCell::new(Parsed::new(Claims::NONE)) };
    static HEADERS: RefCell<Parsed<Headers>> = const { RefCell::new(Parsed::new(Headers::NONE)) };
}

fn header(pick: impl FnOnce(&Headers) -> Option<&str>) -> Option<String> {
    HEADERS.with_borrow_mut(|headers| headers.read(c"request.headers").and_then(pick).map(str::to_owned))
}

fn setting(setting: &'static GucSetting<Option<CString>>) -> Option<String> {
    guc::read(setting).and_then(|bytes| String::from_utf8(bytes).ok())
}

fn claims_user() -> Result<UserId, NoUser> {
    CLAIMS.with_borrow_mut(|claims| claims.read(c"request.jwt.claims").map_or(Err(NoUser::Missing), Claims::user))
}

/// The acting user as the request describes it, for events.
pub fn user() -> Option<UserId> {
    setting(&settings::USER_ID).as_deref().and_then(parse_uuid).map(UserId).or_else(|| claims_user().ok())
}

/// The user that a gateway acts for, where something depends on it: what may be read, who decides.
pub fn acting_user() -> Result<UserId, NoUser> {
    let setting = guc::read(&settings::USER_ID);
    let setting = setting.as_deref().map(String::from_utf8_lossy);
    request::user(setting.as_deref(), claims_user(), || guc::value(c"request.jwt.claim.sub").is_some())
}

pub fn user_id<'a>() -> Option<Datum<'a>> {
    user().map(|id| datum::from_uuid(&id.0))
}

pub fn workspace_id<'a>() -> Option<Datum<'a>> {
    setting(&settings::WORKSPACE_ID).as_deref().and_then(parse_uuid).map(|id| datum::from_uuid(&id))
}

pub fn request_id<'a>() -> Option<Datum<'a>> {
    setting(&settings::REQUEST_ID).or_else(|| header(Headers::request_id)).and_then(|id| datum::from_utf8(&id))
}

pub fn user_agent<'a>() -> Option<Datum<'a>> {
    setting(&settings::USER_AGENT).or_else(|| header(Headers::user_agent)).and_then(|agent| datum::from_utf8(&agent))
}

pub fn ip_address<'a>() -> Option<Datum<'a>> {
    setting(&settings::IP_ADDRESS)
        .as_deref()
        .and_then(Network::parse)
        .or_else(|| header(Headers::forwarded_for).as_deref().and_then(Network::first_hop))
        .map(|network| datum::from_inet(network.address, network.bits))
}
