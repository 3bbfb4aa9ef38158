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

    /// Whether another one is this address, or lies within this network.
    pub fn contains(self, other: Network) -> bool {
        /// The network's part of an address.
        fn part(address: IpAddr, bits: u8) -> u128 {
            let (value, length) = match address {
                IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
                IpAddr::V6(address) => (u128::from(address), 128),
            };
            value.checked_shr(length - u32::from(bits)).unwrap_or(0)
        }
        self.address.is_ipv4() == other.address.is_ipv4()
            && self.bits <= other.bits
            && part(self.address, self.bits) == part(other.address, self.bits)
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
    fn a_network_contains_its_addresses_and_narrower_networks() {
        for (network, other, contains) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            // The bits behind the network's part do not count, as in PostgreSQL's <<=.
            ("10.1.2.3/8", "10.9.9.9", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("0.0.0.0/0", "255.1.2.3", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "1.2.3.4", false),
            ("2001:db8::/32", "2001:db8:1::/48", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let [parsed, given] = [network, other].map(|text| Network::parse(text).unwrap());
            assert_eq!(parsed.contains(given), contains, "{network} {other}");
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
