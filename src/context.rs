//! Who and what a request is: `audit_ext.*` settings of the transaction, else what PostgREST sets for every request.
//!
//! All of it can be set by any SQL user, so it describes and never authorises. Values that are malformed are treated
//! as absent: an odd header must not make a write fail.

use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::net::{IpAddr, SocketAddr};

use pgrx::GucSetting;
use pgrx::pg_sys::Datum;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::config;
use crate::pg::{datum, guc};

/// What an inet holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    pub address: IpAddr,
    /// Of the network's part.
    pub bits: u8,
}

impl Network {
    fn of_host(address: IpAddr) -> Network {
        Network { address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }
}

#[derive(Deserialize, Default, Clone, PartialEq, Debug)]
#[serde(default)]
struct Claims {
    sub: Option<serde_json::Value>,
}

#[derive(Deserialize, Default, Clone, PartialEq, Debug)]
#[serde(default)]
struct Headers {
    #[serde(rename = "x-forwarded-for")]
    forwarded_for: Option<serde_json::Value>,
    #[serde(rename = "user-agent")]
    user_agent: Option<serde_json::Value>,
    #[serde(rename = "x-request-id")]
    request_id: Option<serde_json::Value>,
}

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
                self.value = serde_json::from_slice(bytes).unwrap_or_default();
            }
        });
        known.map(|()| &self.value)
    }
}

thread_local! {
    static CLAIMS: RefCell<Parsed<Claims>> = const { RefCell::new(Parsed::new(Claims { sub: None })) };
    static HEADERS: RefCell<Parsed<Headers>> = const {
        RefCell::new(Parsed::new(Headers { forwarded_for: None, user_agent: None, request_id: None }))
    };
}

fn text(value: &Option<serde_json::Value>) -> Option<&str> {
    value.as_ref().and_then(serde_json::Value::as_str).filter(|text| !text.is_empty())
}

fn header(pick: impl FnOnce(&Headers) -> Option<&str>) -> Option<String> {
    HEADERS.with_borrow_mut(|headers| headers.read(c"request.headers").and_then(pick).map(str::to_owned))
}

fn setting(setting: &'static GucSetting<Option<CString>>) -> Option<String> {
    guc::own(setting).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The acting user as the request tells it.
pub fn user() -> Option<Uuid> {
    setting(&config::USER_ID).as_deref().and_then(parse_uuid).or_else(|| {
        CLAIMS.with_borrow_mut(|claims| {
            claims.read(c"request.jwt.claims").and_then(|claims| text(&claims.sub)).and_then(parse_uuid)
        })
    })
}

pub fn user_id() -> Option<Datum> {
    user().map(|id| datum::from_uuid(&id))
}

pub fn workspace_id() -> Option<Datum> {
    setting(&config::WORKSPACE_ID).as_deref().and_then(parse_uuid).map(|id| datum::from_uuid(&id))
}

pub fn request_id() -> Option<Datum> {
    setting(&config::REQUEST_ID)
        .or_else(|| header(|headers| text(&headers.request_id)))
        .and_then(|id| datum::from_utf8(&id))
}

pub fn user_agent() -> Option<Datum> {
    setting(&config::USER_AGENT)
        .or_else(|| header(|headers| text(&headers.user_agent)))
        .and_then(|agent| datum::from_utf8(&agent))
}

pub fn ip_address() -> Option<Datum> {
    setting(&config::IP_ADDRESS)
        .as_deref()
        .and_then(parse_address)
        .or_else(|| header(|headers| text(&headers.forwarded_for)).as_deref().and_then(first_hop))
        .map(|network| datum::from_inet(network.address, network.bits))
}

pub fn parse_uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim()).ok()
}

/// The client's address in `x-forwarded-for: client, proxy, proxy`; a port is left out.
fn first_hop(header: &str) -> Option<Network> {
    let first = header.split(',').next()?.trim();
    let bare = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(first);
    parse_address(bare).or_else(|| Some(Network::of_host(first.parse::<SocketAddr>().ok()?.ip())))
}

/// An address, or a network in CIDR notation.
pub fn parse_address(text: &str) -> Option<Network> {
    let Some((address, bits)) = text.trim().split_once('/') else {
        return text.trim().parse().ok().map(Network::of_host);
    };
    let network = Network { bits: bits.parse().ok()?, ..Network::of_host(address.parse().ok()?) };
    (network.bits <= Network::of_host(network.address).bits).then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hop_is_the_client() {
        for (header, client) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("203.0.113.7, 10.0.0.1, 10.0.0.2", Some("203.0.113.7")),
            (" 203.0.113.7:4711 ,10.0.0.1", Some("203.0.113.7")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("unknown", None),
            ("", None),
            ("1.2.3", None),
        ] {
            let client = client.map(|client: &str| Network::of_host(client.parse().unwrap()));
            assert_eq!(first_hop(header), client, "{header}");
        }
    }

    #[test]
    fn networks_are_addresses_too_when_they_make_sense() {
        let network = Network { address: "10.0.0.0".parse().unwrap(), bits: 8 };
        assert_eq!(parse_address(" 10.0.0.0/8 "), Some(network));
        assert_eq!(parse_address("10.0.0.1").map(|host| host.bits), Some(32));
        assert_eq!(parse_address("10.0.0.0/33"), None);
        assert_eq!(parse_address("::1/129"), None);
        assert_eq!(parse_address("10.0.0.0/x"), None);
    }

    #[test]
    fn malformed_json_says_nothing() {
        for json in ["", "{", "[]", "null", "{\"sub\": 7}", "{\"sub\": null}"] {
            let claims: Claims = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(text(&claims.sub), None, "{json}");
        }
    }
}
