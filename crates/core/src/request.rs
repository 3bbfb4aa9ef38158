//! What a request says about itself, parsed from JSON that anybody may have written. Malformed values count as absent.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use uuid::Uuid;

use crate::ids::UserId;

/// What the claims of a JWT say of the user, in the claim `sub`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claims {
    subject: Result<UserId, NoUser>,
}

/// Why a request names no user on whom a decision may be based.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoUser {
    /// It names nobody.
    Missing,
    /// It names somebody by a text that is no UUID.
    NotUuid,
    /// It names somebody by a number, a list, an object.
    NotText,
    /// It names somebody by a setting of PostgREST's that is not read.
    Legacy,
    /// Its claims are no object of JSON.
    NotClaims,
    /// It names several users, possibly different ones.
    Several,
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

impl NoUser {
    /// What to do about it.
    pub const HINT: &str =
        "Set the user of the request: the JWT's claim sub, or set_config('audit_ext.user_id', ..., true).";

    /// In the words of an error.
    pub fn detail(self) -> &'static str {
        match self {
            NoUser::Missing => "The request names no user.",
            NoUser::NotUuid => "The user that the request names is no UUID.",
            NoUser::NotText => "The JWT's claim sub is no text.",
            NoUser::Legacy => "The request names its user by the legacy setting request.jwt.claim.sub alone.",
            NoUser::NotClaims => "request.jwt.claims is no JSON object.",
            NoUser::Several => {
                "The request names its user twice: the JWT has two claims sub, or audit_ext.user_id is not its sub."
            }
        }
    }
}

impl Claims {
    pub const NONE: Claims = Claims { subject: Err(NoUser::Missing) };

    pub fn user(&self) -> Result<UserId, NoUser> {
        self.subject
    }
}

/// Claims that cannot be read.
impl Default for Claims {
    fn default() -> Claims {
        Claims { subject: Err(NoUser::NotClaims) }
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Claims, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

struct ClaimsVisitor;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Claim {
    Sub,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = Claims;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("an object of claims")
    }

    /// A claim that is there twice says two things: other readers of the same token may have taken the other one.
    fn visit_map<A: MapAccess<'de>>(self, mut claims: A) -> Result<Claims, A::Error> {
        let mut subject = None;
        while let Some(claim) = claims.next_key()? {
            match claim {
                Claim::Other => drop(claims.next_value::<IgnoredAny>()?),
                Claim::Sub if subject.is_some() => {
                    claims.next_value::<IgnoredAny>()?;
                    subject = Some(Err(NoUser::Several));
                }
                Claim::Sub => subject = Some(named(&claims.next_value()?)),
            }
        }
        Ok(Claims { subject: subject.unwrap_or(Err(NoUser::Missing)) })
    }
}

fn named(subject: &serde_json::Value) -> Result<UserId, NoUser> {
    match subject {
        serde_json::Value::Null => Err(NoUser::Missing),
        serde_json::Value::String(text) => parse_uuid(text).map(UserId).ok_or(NoUser::NotUuid),
        _ => Err(NoUser::NotText),
    }
}

/// Whom the request acts for, by the setting `audit_ext.user_id` and by the claims. Where both name a user it must be the same one.
/// A subject that is no UUID leaves it to the setting: so the ids of another kind are given a UUID.
pub fn user(
    setting: Option<&str>,
    claims: Result<UserId, NoUser>,
    has_legacy: impl FnOnce() -> bool,
) -> Result<UserId, NoUser> {
    let Some(setting) = setting else {
        return claims.map_err(|why| if why == NoUser::Missing && has_legacy() { NoUser::Legacy } else { why });
    };
    let user = UserId(parse_uuid(setting).ok_or(NoUser::NotUuid)?);
    match claims {
        Ok(subject) if subject != user => Err(NoUser::Several),
        Ok(_) | Err(NoUser::Missing | NoUser::NotUuid) => Ok(user),
        Err(unusable) => Err(unusable),
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

    const ANN: &str = "20000000-0000-4000-8000-000000000001";
    const BOB: &str = "20000000-0000-4000-8000-000000000002";

    fn subject(json: &str) -> Result<UserId, NoUser> {
        read::<Claims>(json.as_bytes()).user()
    }

    fn id(text: &str) -> UserId {
        UserId(parse_uuid(text).unwrap())
    }

    #[test]
    fn the_claim_sub_names_the_user() {
        assert_eq!(subject(&format!(r#"{{"role": "a", "sub": " {ANN} ", "role": "b"}}"#)), Ok(id(ANN)));
        for json in ["{}", r#"{"role": "anon"}"#, r#"{"sub": null}"#, r#"{"Sub": "x"}"#] {
            assert_eq!(subject(json), Err(NoUser::Missing), "{json}");
        }
    }

    #[test]
    fn a_subject_that_is_no_uuid_names_nobody() {
        for json in [r#"{"sub": "auth0|5f7c8e"}"#, r#"{"sub": ""}"#] {
            assert_eq!(subject(json), Err(NoUser::NotUuid), "{json}");
        }
        for json in [r#"{"sub": 7}"#, &format!(r#"{{"sub": ["{ANN}"]}}"#), &format!(r#"{{"sub": {{"id": "{ANN}"}}}}"#)]
        {
            assert_eq!(subject(json), Err(NoUser::NotText), "{json}");
        }
    }

    #[test]
    fn a_subject_that_is_there_twice_names_nobody() {
        for (first, second) in [(ANN, BOB), (ANN, ANN)] {
            assert_eq!(subject(&format!(r#"{{"sub": "{first}", "sub": "{second}"}}"#)), Err(NoUser::Several));
            assert_eq!(subject(&format!(r#"{{"sub": null, "s\u0075b": "{second}"}}"#)), Err(NoUser::Several));
        }
    }

    #[test]
    fn what_is_no_object_of_claims_names_nobody() {
        for json in ["", "{", "[]", "null", "1", r#""sub""#, r#"{"sub": "#] {
            assert_eq!(subject(json), Err(NoUser::NotClaims), "{json}");
        }
    }

    #[test]
    fn setting_and_claims_must_agree() {
        let (ann, bob) = (id(ANN), id(BOB));
        for (setting, claims, user_is) in [
            (None, Ok(ann), Ok(ann)),
            (None, Err(NoUser::Several), Err(NoUser::Several)),
            (Some(ANN), Err(NoUser::Missing), Ok(ann)),
            (Some(ANN), Err(NoUser::NotUuid), Ok(ann)),
            (Some(ANN), Ok(ann), Ok(ann)),
            (Some(ANN), Ok(bob), Err(NoUser::Several)),
            (Some(ANN), Err(NoUser::Several), Err(NoUser::Several)),
            (Some(ANN), Err(NoUser::NotText), Err(NoUser::NotText)),
            (Some(ANN), Err(NoUser::NotClaims), Err(NoUser::NotClaims)),
            (Some("ann"), Ok(ann), Err(NoUser::NotUuid)),
            (Some("ann"), Err(NoUser::Missing), Err(NoUser::NotUuid)),
        ] {
            assert_eq!(user(setting, claims, || false), user_is, "{setting:?} {claims:?}");
        }
        assert_eq!(user(None, Err(NoUser::Missing), || true), Err(NoUser::Legacy));
        assert_eq!(user(Some(ANN), Err(NoUser::Missing), || true), Ok(ann));
    }
}
