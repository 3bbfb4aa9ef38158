//! The password for a server, from a file that libpq reads as well.

use std::fs;
use std::path::{Path, PathBuf};

use crate::report;

/// What a line of the file is compared with.
pub struct Target<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// `$PGPASSFILE`, or `~/.pgpass`.
pub fn path() -> Option<PathBuf> {
    let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
    named.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".pgpass")))
}

/// None: there is no such file, no line fits, or others may read it, which is told.
pub fn password(path: &Path, target: &Target) -> Option<String> {
    let file = fs::metadata(path).ok()?;
    if !is_private(&file) {
        let path = path.display();
        report::complain(&format!(
            "password file \"{path}\" has group or world access; permissions should be u=rw (0600) or less"
        ));
        return None;
    }
    find(&fs::read_to_string(path).ok()?, target)
}

#[cfg(unix)]
fn is_private(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_file: &fs::Metadata) -> bool {
    true
}

fn find(text: &str, target: &Target) -> Option<String> {
    let port = target.port.to_string();
    let wanted = [target.host, &port, target.database, target.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let [named @ .., password] = <[String; 5]>::try_from(fields).ok()?;
        let fits = named.iter().zip(wanted).all(|(named, wanted)| named == "*" || named == wanted);
        fits.then_some(password)
    })
}

/// Separated by colons; a backslash stands before one that is not meant, and before itself.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, fields.last_mut()) {
            (':', _) => fields.push(String::new()),
            ('\\', Some(field)) => field.extend(characters.next()),
            (other, Some(field)) => field.push(other),
            (_, None) => (),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let file = "# a note\nother:5432:*:*:no\n*:5432:audit:cold:se\\:cr\\\\et\n*:*:*:*:last";
        let target = |host, user| Target { host, port: 5432, database: "audit", user };
        assert_eq!(find(file, &target("db", "cold")).as_deref(), Some("se:cr\\et"));
        assert_eq!(find(file, &target("db", "else")).as_deref(), Some("last"));
        assert_eq!(find("*:*:*", &target("db", "cold")), None);
    }
}
