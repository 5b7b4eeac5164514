import JSON

/// Takes CSV files apart, which needs what the console has no part of.
package protocol ImportTables: Sendable {
    /// Opens a file, and looks through all of it: of one that is no CSV, nothing is imported.
    ///
    /// It blocks, and is never called on an event loop.
    func open(_ file: ImportFile) throws(ImportFault) -> any ImportTable
}

/// A file on its way to the server, a batch at a time.
package protocol ImportTable: Sendable {
    /// The names in the head.
    var columns: [String] { get }
    /// Which columns may name a line's user.
    var userColumns: [Int] { get }
    /// Lines beside the head.
    var lineCount: Int { get }

    /// The next lines; nil at the end. It blocks too.
    func next() throws(ImportFault) -> ImportLines?
}

/// Lines that go to the server in one request.
package struct ImportLines: Sendable {
    /// Each is a list of its number in the file and its cells.
    package let lines: [JSONValue]
    /// Lines that were refused before that.
    package let refusals: [Refusal]

    /// A line that does not get to the server.
    package struct Refusal: Sendable {
        package let line: Int
        package let reason: String
        package let cells: [String]

        package init(line: Int, reason: String, cells: [String]) {
            self.line = line
            self.reason = reason
            self.cells = cells
        }
    }

    package init(lines: [JSONValue], refusals: [Refusal]) {
        self.lines = lines
        self.refusals = refusals
    }
}

/// Why a file cannot be imported, or an import goes no further, as a sentence.
package struct ImportFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// What somebody has uploaded, and how it is to be read.
package struct ImportFile: Sendable {
    /// What the lines of a table are about.
    package enum Kind: String, Sendable, CaseIterable {
        case users, cards
    }

    package enum Separator: String, Sendable, CaseIterable {
        case comma, semicolon, tab

        var text: String {
            switch self {
            case .comma: ","
            case .semicolon: ";"
            case .tab: "\t"
            }
        }
    }

    package let kind: Kind
    package let separator: Separator
    /// Of cards: whether people lose those that the file does not have.
    package let replaces: Bool
    /// As the browser names it.
    let name: String
    package let content: [UInt8]
}
