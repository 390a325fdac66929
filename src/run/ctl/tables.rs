//! Tables and bars, plain, as wide as the terminal at most.

/// The least width to which a column is cut.
const NARROWEST: usize = 6;
/// Between two columns.
const GAP: usize = 2;

/// Rows under a header.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new(header: &[&'static str]) -> Self {
        Self { header: header.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, with as many cells as the header.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines. With a `width` the widest columns are cut until a line fits.
    pub(super) fn render(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let header = self.header.iter().map(|cell| (*cell).to_owned()).collect();
        let lines = std::iter::once(&header).chain(&self.rows).map(|row: &Vec<String>| render_row(row, &widths));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn widths(&self, width: Option<usize>) -> Vec<usize> {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.chars().count());
        let natural = |(column, name): (usize, &&str)| cells(column).chain([name.chars().count()]).max().unwrap_or(0);
        let mut widths: Vec<usize> = self.header.iter().enumerate().map(natural).collect();
        let Some(width) = width else { return widths };
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                Some(_) | None => break,
            }
        }
        widths
    }
}

fn render_row(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        let cell = cut(cell, *width);
        let padding = width - cell.chars().count();
        cell + &" ".repeat(padding)
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A text that does nothing to a terminal: what a peer says may hold control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// `[#####-----]`, filled by `done` of `total`.
pub(super) fn bar(done: u64, total: u64, width: usize) -> String {
    let filled = usize::try_from(percent(done, total)).unwrap_or(100) * width / 100;
    format!("[{}{}]", "#".repeat(filled), "-".repeat(width - filled))
}

/// Whole percent, rounded down; nothing to do is all done.
pub(super) fn percent(done: u64, total: u64) -> u64 {
    if total == 0 { 100 } else { u64::try_from(u128::from(done.min(total)) * 100 / u128::from(total)).unwrap_or(100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "STATE"]);
        table.row(["Bo".to_owned(), "connected on the local network".to_owned()]);
        table.row(["Somebody Else".to_owned(), "offline".to_owned()]);
        table
    }

    #[test]
    fn columns_stand_below_each_other() {
        let expected = "NAME           STATE\nBo             connected on the local network\nSomebody Else  offline";
        assert_eq!(table().render(None), expected);
        assert_eq!(table().render(Some(80)), expected);
    }

    #[test]
    fn a_narrow_terminal_cuts_the_widest_column_and_a_tiny_one_does_not_loop() {
        let lines = table().render(Some(30));
        assert!(lines.lines().all(|line| line.chars().count() <= 30), "{lines}");
        assert!(lines.contains("Bo             connected on t…"), "{lines}");
        assert!(table().render(Some(1)).contains("Someb…"));
    }

    #[test]
    fn what_peers_say_does_nothing_to_the_terminal() {
        let mut table = Table::new(&["NAME"]);
        table.row(["\u{1b}[2Jx\n".to_owned()]);
        assert_eq!(table.render(None), "NAME\n?[2Jx?");
    }

    #[test]
    fn bars_fill_up() {
        for (done, total, expected) in
            [(0, 10, "[----]"), (5, 10, "[##--]"), (10, 10, "[####]"), (11, 10, "[####]"), (0, 0, "[####]")]
        {
            assert_eq!(bar(done, total, 4), expected, "{done} of {total}");
        }
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
    }
}
