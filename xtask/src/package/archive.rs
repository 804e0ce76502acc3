//! Archives whose bytes depend on nothing but what is in them and one time: no machine's names, owners, clocks.

use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use zip::write::SimpleFileOptions;

/// A file of an archive.
#[derive(Clone)]
pub(crate) struct File {
    /// Where in the archive, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
    /// Whether it can be run, as Unix marks it.
    pub(crate) program: bool,
}

impl File {
    fn mode(&self) -> u32 {
        if self.program { 0o755 } else { 0o644 }
    }
}

/// The files of a folder, or one file, under a name.
pub(crate) fn collect(from: &Path, name: &str, into: &mut Vec<File>) -> Result<()> {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).with_context(|| format!("no folder {}", from.display()))? {
            let entry = entry.context("a folder can't be read")?;
            let within = format!("{name}/{}", entry.file_name().to_string_lossy());
            collect(&entry.path(), &within, into)?;
        }
        return Ok(());
    }
    let bytes = std::fs::read(from).with_context(|| format!("could not read {}", from.display()))?;
    let is = |start: &[u8]| bytes.starts_with(start);
    // ELF, and Mach-O for one or several processors.
    let program = is(b"\x7fELF") || is(b"\xcf\xfa\xed\xfe") || is(b"\xca\xfe\xba\xbe");
    into.push(File { path: name.to_owned(), bytes, program });
    Ok(())
}

/// Every folder that files lie in, before what is in it.
fn folders(files: &[File]) -> Vec<String> {
    let mut folders = Vec::new();
    for file in files {
        for (at, _) in file.path.match_indices('/') {
            let folder = &file.path[..=at];
            if folder.len() > 1 && folder != "./" && !folders.iter().any(|known| known == folder) {
                folders.push(folder.to_owned());
            }
        }
    }
    folders.sort();
    folders
}

fn sorted(files: &[File]) -> Vec<&File> {
    let mut sorted: Vec<&File> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    sorted
}

/// A tar archive, compressed by gzip. `time` in seconds since 1970.
pub(crate) fn tar_gz(files: &[File], time: u64) -> Result<Vec<u8>> {
    let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(Vec::new(), Compression::best()));
    let mut append = |path: &str, kind: tar::EntryType, mode: u32, bytes: &[u8]| -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root").context("a name of an owner")?;
        header.set_groupname("root").context("a name of a group")?;
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes).with_context(|| format!("{path} does not fit into a tar"))
    };
    for folder in folders(files) {
        append(&folder, tar::EntryType::Directory, 0o755, &[])?;
    }
    for file in sorted(files) {
        append(&file.path, tar::EntryType::Regular, file.mode(), &file.bytes)?;
    }
    tar.into_inner().and_then(flate2::write::GzEncoder::finish).context("a tar can't be written")
}

/// A zip archive. `time` in seconds since 1970.
pub(crate) fn zip(files: &[File], time: u64) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for file in sorted(files) {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(zip_time(time)?)
            .unix_permissions(file.mode());
        zip.start_file(&file.path, options).with_context(|| file.path.clone())?;
        zip.write_all(&file.bytes).with_context(|| file.path.clone())?;
    }
    Ok(zip.finish().context("a zip can't be written")?.into_inner())
}

/// A time as zip writes it: no earlier than 1980, to two seconds, in no zone.
fn zip_time(time: u64) -> Result<zip::DateTime> {
    let (year, month, day) = date((time / 86_400) as i64);
    if year < 1980 {
        return Ok(zip::DateTime::default());
    }
    let within = time % 86_400;
    let part = |of: u64| u8::try_from(of).unwrap_or_default();
    let (hour, minute, second) = (part(within / 3600), part(within / 60 % 60), part(within % 60));
    let year = u16::try_from(year).context("a year that zip can't write")?;
    zip::DateTime::from_date_and_time(year, part(month.into()), part(day.into()), hour, minute, second)
        .map_err(|error| anyhow::anyhow!("a time that zip can't write: {error}"))
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar (Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `civil_from_days`).
pub(crate) fn date(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

/// A Debian package: an `ar` archive of a version, what it is, and its files (deb(5)). Written here, since it is
/// three files and the tools that do it either run on Debian alone or are no crates.
pub(crate) fn deb(control: &[File], data: &[File], time: u64) -> Result<Vec<u8>> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, bytes) in [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", tar_gz(control, time)?),
        ("data.tar.gz", tar_gz(data, time)?),
    ] {
        let header = format!("{name:<16}{time:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, "100644", bytes.len());
        out.extend(header.as_bytes());
        out.extend(&bytes);
        if bytes.len() % 2 == 1 {
            out.push(b'\n');
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn files() -> Vec<File> {
        let file = |path: &str, bytes: &[u8], program| File {
            path: path.to_owned(),
            bytes: bytes.to_vec(),
            program,
        };
        vec![
            file("Deep/b/tool", b"\x7fELF tool", true),
            file("Deep/INSTALL.txt", &b"words\n".repeat(500), false),
            file("Deep/b/a.txt", b"", false),
        ]
    }

    #[test]
    fn the_same_files_in_any_order_give_the_same_bytes() {
        let turned: Vec<File> = files().into_iter().rev().collect();
        for make in [tar_gz, zip] {
            assert_eq!(make(&files(), 1_700_000_000).unwrap(), make(&turned, 1_700_000_000).unwrap());
            assert_ne!(make(&files(), 1_700_000_000).unwrap(), make(&files(), 1_800_000_000).unwrap());
        }
        let deb = |files: &[File]| super::deb(files, files, 1_700_000_000).unwrap();
        assert_eq!(deb(&files()), deb(&turned));
    }

    #[test]
    fn a_tar_has_folders_before_their_files_and_marks_programs() {
        let bytes = tar_gz(&files(), 1_700_000_000).unwrap();
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        let mut found = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (1_700_000_000, 0));
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            found.push((path, entry.header().mode().unwrap(), content.len()));
        }
        let found: Vec<(&str, u32, usize)> =
            found.iter().map(|(path, mode, size)| (path.as_str(), *mode, *size)).collect();
        assert_eq!(
            found,
            [
                ("Deep/", 0o755, 0),
                ("Deep/b/", 0o755, 0),
                ("Deep/INSTALL.txt", 0o644, 3_000),
                ("Deep/b/a.txt", 0o644, 0),
                ("Deep/b/tool", 0o755, 9),
            ]
        );
    }

    #[test]
    fn a_zip_comes_back_whole() {
        let bytes = zip(&files(), 1_700_000_001).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut tool = zip.by_name("Deep/b/tool").unwrap();
        assert_eq!(tool.unix_mode().unwrap() & 0o777, 0o755);
        let time = tool.last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day(), time.hour()), (2023, 11, 14, 22));
        let mut content = Vec::new();
        tool.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"\x7fELF tool");
        drop(tool);
        assert_eq!(zip.len(), 3);
    }

    #[test]
    fn days_are_dates() {
        for (days, wanted) in
            [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (20_783, (2026, 11, 26)), (-1, (1969, 12, 31))]
        {
            assert_eq!(date(days), wanted);
        }
    }
}
