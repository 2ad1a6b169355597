//! Which known word a wrong one was probably meant to be.

/// Words longer than this are not compared: nobody misspells them by accident.
const CHARACTERS_MAX: usize = 48;

/// The known word nearest to a wrong one, if it is near enough to be a slip; the first by the alphabet among equals.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().take(CHARACTERS_MAX + 1).collect();
    if letters.len() > CHARACTERS_MAX || letters.len() < 2 {
        return None;
    }
    let most = if letters.len() <= 3 { 1 } else { 2 };
    known
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            distance(&letters, candidate, most).map(|distance| (distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour; `None` past `most`.
fn distance(word: &[char], candidate: &str, most: usize) -> Option<usize> {
    // A byte count far off cannot be near; spares the work for most candidates.
    if candidate.len() > (word.len() + most) * 4 {
        return None;
    }
    let other: Vec<char> = candidate.chars().collect();
    if word.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in word.iter().enumerate() {
        let mut line = Vec::with_capacity(last.len());
        line.push(row + 1);
        for (column, wanted) in other.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX / 2);
            let change = at(&last, column) + usize::from(letter != wanted);
            let mut least = change
                .min(at(&last, column + 1) + 1)
                .min(at(&line, column) + 1);
            let swapped = row > 0
                && column > 0
                && word.get(row - 1) == Some(wanted)
                && other.get(column - 1) == Some(letter);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().filter(|distance| *distance <= most)
}
