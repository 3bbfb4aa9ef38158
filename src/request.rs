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
        if !guc::says(setting, &self.bytes)? {
            self.bytes = guc::value(setting).unwrap_or_default();
            self.value = request::read(&self.bytes);
        }
        Some(&self.value)
    }
}

thread_local! {
    static CLAIMS: RefCell<Parsed<Claims>> = const { RefCell::new(Parsed::new(Claims::NONE)) };
    static HEADERS: RefCell<Parsed<Headers>> = const { RefCell::new(Parsed::new(Headers::NONE)) };
}

/// What is taken from the headers of the request, where no setting says it.
#[derive(Default)]
struct Described {
    request_id: Option<String>,
    user_agent: Option<String>,
    forwarded_for: Option<String>,
}

fn described() -> Described {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    HEADERS.with_borrow_mut(|headers| match headers.read(c"request.headers") {
        None => Described::default(),
        Some(headers) => Described {
            request_id: owned(headers.request_id()),
            user_agent: owned(headers.user_agent()),
            forwarded_for: owned(headers.forwarded_for()),
        },
    })
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

/// Where the request comes from and what it is called.
#[derive(Default)]
pub struct Origin<'a> {
    pub ip_address: Option<Datum<'a>>,
    pub user_agent: Option<Datum<'a>>,
    pub request_id: Option<Datum<'a>>,
}

/// The headers are looked at once for all of it.
pub fn origin<'a>() -> Origin<'a> {
    let headers = described();
    let text = |setting_of, header| setting(setting_of).or(header).and_then(|text| datum::from_utf8(&text));
    let address = setting(&settings::IP_ADDRESS).as_deref().and_then(Network::parse);
    Origin {
        ip_address: address
            .or_else(|| headers.forwarded_for.as_deref().and_then(Network::first_hop))
            .map(|network| datum::from_inet(network.address, network.bits)),
        user_agent: text(&settings::USER_AGENT, headers.user_agent),
        request_id: text(&settings::REQUEST_ID, headers.request_id),
    }
}
