//! What a request says about itself, out of JSON that anybody may have written: malformed values are treated as absent.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

#[derive(Deserialize, Default, Clone, PartialEq, Debug)]
#[serde(default)]
pub struct Claims {
    sub: Option<serde_json::Value>,
}

#[derive(Deserialize, Default, Clone, PartialEq, Debug)]
#[serde(default)]
pub struct Headers {
    #[serde(rename = "x-forwarded-for")]
    forwarded_for: Option<serde_json::Value>,
    #[serde(rename = "user-agent")]
    user_agent: Option<serde_json::Value>,
    #[serde(rename = "x-request-id")]
    request_id: Option<serde_json::Value>,
}

impl Claims {
    pub const NONE: Claims = Claims { sub: None };

    pub fn user(&self) -> Option<Uuid> {
        text(&self.sub).and_then(parse_uuid)
    }
}

impl Headers {
    pub const NONE: Headers = Headers { forwarded_for: None, user_agent: None, request_id: None };

    pub fn forwarded_for(&self) -> Option<&str> {
        text(&self.forwarded_for)
    }

    pub fn user_agent(&self) -> Option<&str> {
        text(&self.user_agent)
    }

    pub fn request_id(&self) -> Option<&str> {
        text(&self.request_id)
    }
}

/// Claims or headers; malformed JSON says nothing.
pub fn read<T: DeserializeOwned + Default>(json: &[u8]) -> T {
    serde_json::from_slice(json).unwrap_or_default()
}

fn text(value: &Option<serde_json::Value>) -> Option<&str> {
    value.as_ref().and_then(serde_json::Value::as_str).filter(|text| !text.is_empty())
}

pub fn parse_uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_json_says_nothing() {
        for json in ["", "{", "[]", "null", "{\"sub\": 7}", "{\"sub\": null}"] {
            assert_eq!(read::<Claims>(json.as_bytes()).user(), None, "{json}");
        }
    }
}
