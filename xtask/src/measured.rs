//! What long runs measured, brought into `docs/performance.md`: each part of the page that figures are
//! written into lies between two comments that name it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The page.
const PAGE: &str = "docs/performance.md";

/// `--minutes N`, and what else a measuring command takes.
pub(crate) struct Length {
    /// How long to run.
    pub minutes: f64,
    /// `--docs`: results go into the page.
    pub docs: bool,
    /// `--draw`: nothing is run, what the last run of that length left is drawn again.
    pub draw: bool,
}

impl Length {
    /// Reads the arguments of a command called `name`.
    pub(crate) fn read(name: &str, args: &[String]) -> Result<Self> {
        let (mut minutes, mut docs, mut draw) = (None, false, false);
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match (arg.as_str(), &minutes) {
                ("--docs", _) => docs = true,
                ("--draw", _) => draw = true,
                ("--minutes", None) => {
                    let text = args.next().map_or("", String::as_str);
                    let number =
                        text.parse().ok().filter(|minutes: &f64| (0.05..=100_000.0).contains(minutes));
                    minutes = Some(number.with_context(|| format!("'{text}' is not a number of minutes"))?);
                }
                _ => bail!("usage: cargo xtask {name} --minutes N [--docs] [--draw]"),
            }
        }
        let Some(minutes) = minutes else { bail!("usage: cargo xtask {name} --minutes N [--docs] [--draw]") };
        Ok(Self { minutes, docs, draw })
    }

    /// Where a picture goes.
    pub(crate) fn picture(&self, name: &str) -> Result<PathBuf> {
        let folder = if self.docs {
            PathBuf::from("docs/performance")
        } else {
            workspace::target().join("test-output")
        };
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        Ok(folder.join(name))
    }

    /// Prints a text, and puts it into its part of the page if that was asked for.
    pub(crate) fn publish(&self, part: &str, text: &str) -> Result<()> {
        publish(part, text, self.docs)
    }
}

/// Prints a text, and puts it into its part of the page if `docs` says so.
pub(crate) fn publish(part: &str, text: &str, docs: bool) -> Result<()> {
    println!("\n{text}");
    if !docs {
        println!("With --docs this goes into {PAGE}.");
        return Ok(());
    }
    let page = std::fs::read_to_string(PAGE).with_context(|| format!("could not read {PAGE}"))?;
    let page = with_part(&page, part, text)?;
    std::fs::write(PAGE, page).with_context(|| format!("could not write {PAGE}"))
}

/// The numbers of a CSV file's columns below its heading, with text left as it is.
pub(crate) fn rows(file: &Path) -> Result<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    Ok(text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

/// The machine that measured: its processor, as Linux names it.
pub(crate) fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name =
        info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{} cores of {}", cores, name.unwrap_or("an unknown processor").trim())
}

fn with_part(page: &str, part: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- /{part} -->"));
    let found = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let Some((before, after)) = found else { bail!("{PAGE} has no part between {} and {end}", begin.trim()) };
    Ok(format!("{before}{begin}{}\n{end}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_page_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        assert_eq!(with_part(page, "x", "new\n").unwrap(), "a\n<!-- x -->\nnew\n<!-- /x -->\nb\n");
        assert!(with_part(page, "y", "new").is_err());
    }

    #[test]
    fn minutes_are_read_with_or_without_docs() {
        let read =
            |words: &[&str]| Length::read("soak", &words.iter().map(ToString::to_string).collect::<Vec<_>>());
        let length = read(&["--minutes", "2", "--docs"]).unwrap();
        assert!(length.docs && (length.minutes - 2.0).abs() < 1e-9);
        for wrong in [&[][..], &["--minutes"], &["--minutes", "x"], &["--minutes", "-1"], &["2"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
