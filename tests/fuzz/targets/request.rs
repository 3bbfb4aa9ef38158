//! What a request says about itself comes from anybody: addresses, and the JSON of claims and headers.
#![no_main]

use audit_core::network::Network;
use audit_core::request::{Claims, Headers, parse_uuid, read, user};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let claims: Claims = read(bytes);
    let headers: Headers = read(bytes);
    let told = [headers.forwarded_for(), headers.user_agent(), headers.request_id()];
    told.iter().flatten().for_each(|text| assert!(!text.is_empty()));
    let text = String::from_utf8_lossy(bytes);
    if let Ok(subject) = claims.user() {
        assert_eq!(parse_uuid(&subject.to_string()), Some(subject.0));
        // No setting makes the user of a request another one than its claims say.
        assert!(user(Some(&text), Ok(subject), || false).map_or(true, |user| user == subject));
    }
    let hops = headers.forwarded_for().and_then(Network::first_hop);
    for network in [hops, Network::parse(&text), Network::first_hop(&text)].into_iter().flatten() {
        let longest = if network.address.is_ipv4() { 32 } else { 128 };
        assert!(network.bits <= longest, "inet refuses more");
        assert_eq!(Network::parse(&format!("{}/{}", network.address, network.bits)), Some(network));
    }
});
