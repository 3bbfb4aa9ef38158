//! ArcSight Common Event Format, revision 25.
//!
//! It has keys for what a firewall sees, and six free texts. Documents have no place in it: old values, new values and metadata are left out.

use std::io::Write;
use std::net::IpAddr;

use super::event::Event;
use super::outcome::{address, milliseconds, word};
use super::product::{PRODUCT, VENDOR, VERSION};

/// Low, of 0 to 10: an audit trail does not judge.
const SEVERITY: u32 = 3;

pub fn write(event: &Event, out: &mut Vec<u8>) {
    let name = header(event.action_type);
    // Writing into memory cannot fail.
    let _ = write!(out, "CEF:0|{VENDOR}|{PRODUCT}|{VERSION}|{name}|{name}|{SEVERITY}|");
    let mut gap = "";
    let mut field = |key: &str, value: &str| {
        let _ = write!(out, "{gap}{key}={}", extension(value));
        gap = " ";
    };
    field("rt", &milliseconds(event).to_string());
    field("externalId", &event.id.to_string());
    if let Some(id) = event.created_by_user_id {
        field("suid", &id.to_string());
    }
    match address(event) {
        Some(IpAddr::V4(address)) => field("src", &address.to_string()),
        Some(IpAddr::V6(address)) => {
            field("c6a2", &address.to_string());
            field("c6a2Label", "Source IPv6 Address");
        }
        None => (),
    }
    if let Some(agent) = event.user_agent {
        field("requestClientApplication", agent);
    }
    field("act", event.action_type);
    field("outcome", word(event));
    let workspace = event.workspace_id.to_string();
    let resource = event.resource_id.map(|id| id.to_string());
    let texts = [
        ("workspace", Some(workspace.as_str())),
        ("resource type", Some(event.resource_type)),
        ("resource id", resource.as_deref()),
        ("request id", event.request_id),
        ("changed fields", event.changed_fields),
        ("tags", event.tags),
    ];
    for (number, (label, value)) in (1..).zip(texts) {
        if let Some(value) = value {
            field(&format!("cs{number}"), value);
            field(&format!("cs{number}Label"), label);
        }
    }
}

/// A field of the header: one line, with `\` and `|` escaped.
fn header(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// A value of the extension: `\`, `=` and line ends escaped.
fn extension(text: &str) -> String {
    text.replace('\\', "\\\\").replace('=', "\\=").replace('\r', "\\r").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::event::tests::{bare, event, written};

    fn line(event: &Event) -> String {
        written(|out| write(event, out))
    }

    #[test]
    fn a_whole_line() {
        assert_eq!(
            line(&event()),
            format!(
                "CEF:0|audit_ext|audit_ext|{VERSION}|role.updated|role.updated|3|rt=1748822400123 externalId=01972c3e-8a00-7000-8000-000000000001 suid=00000000-0000-0000-0000-000000000007 src=203.0.113.7 requestClientApplication=curl/8 act=role.updated outcome=success cs1=00000000-0000-0000-0000-000000000009 cs1Label=workspace cs2=role cs2Label=resource type cs3=00000000-0000-0000-0000-000000000008 cs3Label=resource id cs4=req-1 cs4Label=request id cs5={{name}} cs5Label=changed fields cs6={{security,\"a b\"}} cs6Label=tags"
            )
        );
    }

    #[test]
    fn nothing_breaks_out_of_its_field() {
        let line = line(&Event { action_type: "a|b\\c=d\ne", user_agent: Some("x act=forged\r\ny\\"), ..bare() });
        assert!(line.contains("|a\\|b\\\\c=d e|a\\|b\\\\c=d e|3|"), "{line}");
        assert!(line.contains("requestClientApplication=x act\\=forged\\r\\ny\\\\ act=a|b\\\\c\\=d\\ne "), "{line}");
    }

    #[test]
    fn an_ipv6_address_has_its_own_key_and_a_mask_is_left_out() {
        assert!(
            line(&Event { ip_address: Some("2001:db8::/32"), ..bare() })
                .contains(" c6a2=2001:db8:: c6a2Label=Source IPv6 Address ")
        );
        assert!(line(&Event { ip_address: Some("10.0.0.0/8"), ..bare() }).contains(" src=10.0.0.0 "));
    }
}
