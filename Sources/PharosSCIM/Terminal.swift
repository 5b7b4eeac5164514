import ArgumentParser
import Reactor

/// What commands show: results on standard output, everything else on standard error.
enum Terminal {
    private static let input: Int32 = 0
    private static let output: Int32 = 1
    static let error: Int32 = 2

    /// Prints a line of a result; what cannot be written ends the command, since nobody would see it.
    static func show(_ line: String) {
        guard !Host.write(line + "\n", to: output) else { return }
        note("Error: The result cannot be written to standard output.")
        PharosCommand.exit(withError: ExitCode(CommandFailure.Kind.failed.status))
    }

    /// Writes a part of a result as it is; false if the reader has gone.
    static func showBytes(_ bytes: [UInt8]) -> Bool { Host.write(bytes, to: output) }

    /// Tells something that is not a result, so that it does not get into a script's input.
    static func note(_ line: String) {
        Host.write(line + "\n", to: error)
    }

    /// Whether somebody watches the progress of a command.
    static var isWatched: Bool { Host.isTerminal(error) }

    /// Whether somebody can answer a question.
    static var isAnswered: Bool { isWatched && Host.isTerminal(input) }

    /// Overwrites the last line of progress; an empty text removes it.
    static func progress(_ text: String) {
        guard isWatched else { return }
        Host.write("\r\u{1B}[K\(text)", to: error)
    }

    /// Prints rows as columns that line up.
    static func table(_ rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            show(line)
        }
    }
}
