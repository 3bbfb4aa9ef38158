//! What `--database` names: a URL, or `name=value` pairs as libpq reads them.

use super::error::DatabaseError;

/// The demands on TLS have values that the client library does not all know, so they are taken out.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Named {
    /// All else, as the client library reads it.
    pub rest: String,
    pub mode: Option<String>,
    pub root: Option<String>,
}

impl Named {
    pub fn parse(text: &str) -> Result<Named, DatabaseError> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if is_url { Named::of_url(text) } else { Named::of_pairs(text) }
    }

    /// Whether a value is one of those that are taken out.
    fn takes(&mut self, name: &str, value: &str) -> bool {
        let place = match name {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.root,
            _ => return false,
        };
        *place = Some(value.to_owned());
        true
    }

    fn of_url(text: &str) -> Result<Named, DatabaseError> {
        let mut named = Named::default();
        let (place, options) = text.split_once('?').unwrap_or((text, ""));
        let mut others = Vec::new();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let decode = |part| decoded(part).ok_or_else(|| DatabaseError::new(format!("{name} has a bad escape")));
            if !named.takes(&decode(name)?, &decode(value)?) {
                others.push(option);
            }
        }
        named.rest = if others.is_empty() { place.to_owned() } else { format!("{place}?{}", others.join("&")) };
        Ok(named)
    }

    fn of_pairs(text: &str) -> Result<Named, DatabaseError> {
        let mut named = Named::default();
        let mut others = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let after = after.trim_start().strip_prefix('=');
            // Not the text itself: it may hold a password.
            let after = after.ok_or_else(|| DatabaseError::new("a part of --database is no name=value"))?;
            let (value, after) = value(after.trim_start())?;
            rest = after.trim_start();
            // As libpq has it, an empty value is one that is not given.
            if !value.is_empty() && !named.takes(name, &value) {
                others.push(format!("{name}='{}'", value.replace('\\', r"\\").replace('\'', r"\'")));
            }
        }
        named.rest = others.join(" ");
        Ok(named)
    }
}

/// The value that a text begins with, and what is behind it. A backslash stands before a character that is meant as it is.
fn value(text: &str) -> Result<(String, &str), DatabaseError> {
    let (is_quoted, mut rest) = match text.strip_prefix('\'') {
        Some(rest) => (true, rest.chars()),
        None => (false, text.chars()),
    };
    let mut value = String::new();
    loop {
        let before = rest.as_str();
        match rest.next() {
            Some('\'') if is_quoted => return Ok((value, rest.as_str())),
            None if is_quoted => return Err(DatabaseError::new("a quoted value in --database has no end")),
            None => return Ok((value, "")),
            Some(c) if !is_quoted && c.is_whitespace() => return Ok((value, before)),
            Some('\\') => value.extend(rest.next()),
            Some(c) => value.push(c),
        }
    }
}

/// Without the escapes of a URL.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(match first {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
                u8::from_str_radix(digits, 16).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> [String; 3] {
        let Named { rest, mode, root } = Named::parse(text).unwrap();
        [rest, mode.unwrap_or_default(), root.unwrap_or_default()]
    }

    #[test]
    fn a_url_is_decoded() {
        assert_eq!(taken("postgres://u@h/d"), ["postgres://u@h/d", "", ""]);
        assert_eq!(
            taken("postgresql://u@h/d?sslmode=verify%2Dfull&x=%31"),
            ["postgresql://u@h/d?x=%31", "verify-full", ""]
        );
        assert_eq!(
            taken("postgres://h?ssl%72ootcert=%2Fmy%20certs&sslmode=disable"),
            ["postgres://h", "disable", "/my certs"]
        );
        for bad in ["%2", "%+f", "%zz"] {
            assert!(Named::parse(&format!("postgres://h?sslrootcert={bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn pairs_are_read_as_libpq_reads_them() {
        assert_eq!(taken("host=h sslmode=disable user=u"), ["host='h' user='u'", "disable", ""]);
        assert_eq!(taken(" host = h\tsslrootcert='/my certs/root%20.crt' "), ["host='h'", "", "/my certs/root%20.crt"]);
        assert_eq!(taken(r"options='-c a=b://c' user=o\'n\\e\ x"), [r"options='-c a=b://c' user='o\'n\\e x'", "", ""]);
        assert_eq!(taken(r"sslmode='verify-\'full' host=''"), ["", "verify-'full", ""]);
        for bad in ["host", "host = h user", "user='u"] {
            let error = Named::parse(bad).unwrap_err().to_string();
            assert!(error.contains("--database"), "{error}");
        }
    }

    /// What is written anew means the same to the client library.
    #[test]
    fn the_rest_is_read_as_it_was_meant() {
        let config: postgres::Config = taken(r"options='-c a=b' user=o\'n\\e\ x dbname=d%20")[0].parse().unwrap();
        assert_eq!(config.get_options(), Some("-c a=b"));
        assert_eq!(config.get_user(), Some(r"o'n\e x"));
        assert_eq!(config.get_dbname(), Some("d%20"));
    }
}
