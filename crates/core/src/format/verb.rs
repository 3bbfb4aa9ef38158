//! What an action does, read from its name.
//!
//! Action types are the application's own words: `role.updated`, `USER_LOGIN_FAILED`, `inviteMember`. Security products know a short list of
//! activities. The verb is the last word of the action if it is a known one, else the first known one.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    LogIn,
    LogOut,
    Create,
    Read,
    Update,
    Delete,
    Move,
    Enable,
    Disable,
    Activate,
    Deactivate,
    Suspend,
    Resume,
    Lock,
    Unlock,
    Invite,
    ChangePassword,
    ResetPassword,
    EnableMfa,
    DisableMfa,
}

const WORDS: [(&str, Verb); 31] = [
    ("login", Verb::LogIn),
    ("logon", Verb::LogIn),
    ("logout", Verb::LogOut),
    ("create", Verb::Create),
    ("insert", Verb::Create),
    ("add", Verb::Create),
    ("read", Verb::Read),
    ("view", Verb::Read),
    ("list", Verb::Read),
    ("get", Verb::Read),
    ("download", Verb::Read),
    ("export", Verb::Read),
    ("update", Verb::Update),
    ("change", Verb::Update),
    ("edit", Verb::Update),
    ("set", Verb::Update),
    ("delete", Verb::Delete),
    ("remove", Verb::Delete),
    ("revoke", Verb::Delete),
    ("truncate", Verb::Delete),
    ("rename", Verb::Move),
    ("move", Verb::Move),
    ("enable", Verb::Enable),
    ("disable", Verb::Disable),
    ("activate", Verb::Activate),
    ("deactivate", Verb::Deactivate),
    ("suspend", Verb::Suspend),
    ("resume", Verb::Resume),
    ("lock", Verb::Lock),
    ("unlock", Verb::Unlock),
    ("invite", Verb::Invite),
];

/// Two words that mean more than each of them.
const PAIRS: [(&str, &str, Verb); 10] = [
    ("sign", "in", Verb::LogIn),
    ("log", "in", Verb::LogIn),
    ("logged", "in", Verb::LogIn),
    ("sign", "out", Verb::LogOut),
    ("log", "out", Verb::LogOut),
    ("logged", "out", Verb::LogOut),
    ("password", "change", Verb::ChangePassword),
    ("password", "reset", Verb::ResetPassword),
    ("mfa", "enable", Verb::EnableMfa),
    ("mfa", "disable", Verb::DisableMfa),
];

impl Verb {
    /// None where no word is known.
    pub fn of_action(action: &str) -> Option<Verb> {
        let words = words(action);
        let last = words.len().checked_sub(2).and_then(|place| pair(&words[place..])).or_else(|| word(words.last()?));
        last.or_else(|| (0..words.len()).find_map(|place| pair(&words[place..]).or_else(|| word(&words[place]))))
    }
}

/// Whether the action says that it did not happen: it ends in failed, denied or rejected.
pub fn is_failure(action: &str) -> bool {
    words(action).last().is_some_and(|word| matches!(word.as_str(), "failed" | "denied" | "rejected"))
}

/// The words in small letters, split at what is no letter and at capitals.
fn words(action: &str) -> Vec<String> {
    let letters: Vec<char> = action.chars().collect();
    let mut words = vec![String::new()];
    for (place, &letter) in letters.iter().enumerate() {
        if !letter.is_alphabetic() {
            words.push(String::new());
            continue;
        }
        let before = place.checked_sub(1).map(|before| letters[before]);
        let ends_capitals =
            before.is_some_and(char::is_uppercase) && letters.get(place + 1).is_some_and(|after| after.is_lowercase());
        if letter.is_uppercase() && (before.is_some_and(char::is_lowercase) || ends_capitals) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn word(word: &str) -> Option<Verb> {
    WORDS.iter().find(|(known, _)| is_form_of(known, word)).map(|(_, verb)| *verb)
}

fn pair(words: &[String]) -> Option<Verb> {
    let [first, second, ..] = words else { return None };
    PAIRS.iter().find(|(one, two, _)| is_form_of(one, first) && is_form_of(two, second)).map(|(_, _, verb)| *verb)
}

/// Whether it is the known word, or its past or third person: create, created, creates; add, added, adds.
fn is_form_of(known: &str, word: &str) -> bool {
    word.strip_prefix(known).is_some_and(|ending| match ending {
        "" | "s" => true,
        "d" => known.ends_with('e'),
        "ed" => !known.ends_with('e'),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_all_kinds_of_spelling_have_a_verb() {
        for (action, verb) in [
            ("USER_LOGIN", Some(Verb::LogIn)),
            ("user.logged_in", Some(Verb::LogIn)),
            ("SignIn", Some(Verb::LogIn)),
            ("SIGN_OUT", Some(Verb::LogOut)),
            ("LOGIN_FAILED", Some(Verb::LogIn)),
            ("role.updated", Some(Verb::Update)),
            ("UPDATE", Some(Verb::Update)),
            ("inviteMember", Some(Verb::Invite)),
            ("createAPIKey", Some(Verb::Create)),
            ("delete-project", Some(Verb::Delete)),
            ("file.renamed", Some(Verb::Move)),
            ("user.password_changed", Some(Verb::ChangePassword)),
            ("PASSWORD_RESET_REQUESTED", Some(Verb::ResetPassword)),
            ("mfaDisabled", Some(Verb::DisableMfa)),
            ("AUDIT_EVENTS_EXPORTED", Some(Verb::Read)),
            ("settings.set", Some(Verb::Update)),
            ("invoice.paid", None),
            ("", None),
            ("…", None),
        ] {
            assert_eq!(Verb::of_action(action), verb, "{action}");
        }
    }

    #[test]
    fn the_last_word_counts_before_the_first() {
        assert_eq!(Verb::of_action("export.deleted"), Some(Verb::Delete));
        assert_eq!(Verb::of_action("create_or_update_key"), Some(Verb::Create));
    }

    #[test]
    fn words_that_only_begin_alike_are_others() {
        for action in ["address", "setting", "listing", "movie", "getter", "readme"] {
            assert_eq!(Verb::of_action(action), None, "{action}");
        }
    }

    #[test]
    fn failures_say_so_at_their_end() {
        for action in ["LOGIN_FAILED", "access.denied", "requestRejected"] {
            assert!(is_failure(action), "{action}");
        }
        for action in ["failed_login", "LOGIN", ""] {
            assert!(!is_failure(action), "{action}");
        }
    }
}
