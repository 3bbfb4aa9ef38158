//! Who may not act or read, because nobody can tell who they are or what they are is not enough.

use audit_core::request::NoUser;

use super::Report;

#[derive(Debug, PartialEq, Eq)]
pub enum Nobody {
    /// The session user has no compliance level in force under its name.
    NoOfficer { role: String },
    /// A gateway named the id of a database role as its user.
    ActsForRole,
    /// A gateway did not say, or not for sure, for whom it acts.
    Acts { why: NoUser },
    /// The same, of a gateway that reads only its user's workspaces.
    Reads { why: NoUser },
    /// A role of the level service would be a person.
    ServiceDecides,
}

const SET_THE_USER: &str =
    "Set the user of the request: the JWT's claim sub, or set_config('audit_ext.user_id', ..., true).";

impl Nobody {
    pub fn report(&self) -> Report {
        let (message, detail, hint) = match self {
            Nobody::NoOfficer { role } => (
                "only a compliance officer may do this",
                Some(format!("Session user \"{role}\" has no level compliance in force under its name.")),
                "The owner of the extension gives the level with audit_grant(); a role that was renamed needs it anew.".to_owned(),
            ),
            Nobody::ActsForRole => (
                "a gateway cannot act for a database role",
                None,
                "Set the user of the request to the id of a user of the application; a role acts in a session of its own.".to_owned(),
            ),
            Nobody::Acts { why } => {
                ("a gateway must say for whom it acts", Some(why.detail().to_owned()), SET_THE_USER.to_owned())
            }
            Nobody::Reads { why } => (
                "a gateway must say for whom it reads",
                Some(why.detail().to_owned()),
                format!(
                    "{SET_THE_USER} A role that the gateway sets to read all workspaces without a user needs the access level service."
                ),
            ),
            Nobody::ServiceDecides => (
                "a role with access level service cannot request, approve, reject, execute or hold",
                None,
                "People decide: connect as a role of your own, or let the gateway set another role and the user of the request.".to_owned(),
            ),
        };
        Report { sqlstate: "42501", message: message.to_owned(), detail, hint: Some(hint), ..Report::default() }
    }
}
