//! How a table is tracked: the JSON that its capture triggers carry as their second argument.
//!
//! A trigger stays with its table through renames, dumps and restores, and its options with it. So nothing has to be looked up to capture a
//! row. `audit_tracking` holds the same for people to read, and triggers are made anew from it.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(default)]
pub struct Options {
    pub resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

impl Options {
    pub fn from_argument(argument: &str) -> Option<Options> {
        serde_json::from_str(argument).ok()
    }

    pub fn to_argument(&self) -> String {
        // Strings and lists of strings always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Follows the renaming of a column.
    pub fn column_renamed(&mut self, from: &str, to: &str) {
        let names = self.workspace.iter_mut().chain(&mut self.ignored).chain(&mut self.masked);
        names.filter(|name| *name == from).for_each(|name| *name = to.to_owned());
    }

    /// Removes columns that no longer exist from the lists of hidden ones.
    pub fn forget_columns(&mut self, is_there: impl Fn(&str) -> bool) {
        self.ignored.retain(|name| is_there(name));
        self.masked.retain(|name| is_there(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            resource_type: "team \"member\"".into(),
            workspace: Some("workspace_id".into()),
            ignored: vec!["seen_at".into()],
            masked: vec!["password".into(), "pin".into()],
        }
    }

    #[test]
    fn options_come_back_from_the_argument() {
        for options in [options(), Options { resource_type: "t".into(), ..Options::default() }] {
            assert_eq!(Options::from_argument(&options.to_argument()), Some(options));
        }
        assert_eq!(Options::from_argument("no json"), None);
    }

    #[test]
    fn a_renamed_column_stays_hidden() {
        let mut options = options();
        options.column_renamed("password", "secret");
        options.column_renamed("workspace_id", "tenant");
        assert_eq!(options.masked, ["secret", "pin"]);
        assert_eq!(options.workspace.as_deref(), Some("tenant"));
    }

    #[test]
    fn a_dropped_column_is_forgotten_but_not_the_workspace() {
        let mut options = options();
        options.forget_columns(|name| name == "pin");
        assert_eq!((options.ignored.len(), options.masked.as_slice()), (0, ["pin".to_owned()].as_slice()));
        assert!(options.workspace.is_some());
    }
}
