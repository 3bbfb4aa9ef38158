//! Parses an IP address or a network.

use std::net::{IpAddr, SocketAddr};

/// The value of an inet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    pub address: IpAddr,
    /// The number of bits of the network part.
    pub bits: u8,
}

impl Network {
    fn of_host(address: IpAddr) -> Network {
        Network { address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// An address, or a network in CIDR notation.
    pub fn parse(text: &str) -> Option<Network> {
        let Some((address, bits)) = text.trim().split_once('/') else {
            return text.trim().parse().ok().map(Network::of_host);
        };
        let network = Network { bits: bits.parse().ok()?, ..Network::of_host(address.parse().ok()?) };
        (network.bits <= Network::of_host(network.address).bits).then_some(network)
    }

    /// The client's address in `x-forwarded-for: client, proxy, proxy`; a port is left out.
    pub fn first_hop(header: &str) -> Option<Network> {
        let first = header.split(',').next()?.trim();
        let bare = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(first);
        Network::parse(bare).or_else(|| Some(Network::of_host(first.parse::<SocketAddr>().ok()?.ip())))
    }
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
            assert_eq!(Network::first_hop(header), client, "{header}");
        }
    }

    #[test]
    fn networks_are_addresses_too_when_they_make_sense() {
        let network = Network { address: "10.0.0.0".parse().unwrap(), bits: 8 };
        assert_eq!(Network::parse(" 10.0.0.0/8 "), Some(network));
        assert_eq!(Network::parse("10.0.0.1").map(|host| host.bits), Some(32));
        assert_eq!(Network::parse("10.0.0.0/33"), None);
        assert_eq!(Network::parse("::1/129"), None);
        assert_eq!(Network::parse("10.0.0.0/x"), None);
    }
}
