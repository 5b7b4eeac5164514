import Reactor
import Systemd

/// The files of a journal, of which the library passes over those that it cannot read, without a word.
struct JournalFiles {
    private let place: JournalScan.Place

    private static let roots = ["/var/log/journal", "/run/log/journal"]
    private static let machineIDPath = "/etc/machine-id"
    private static let machineIDCount = 32
    /// Those of files in use and archived ones, and of those that journald has put aside because they were not closed.
    private static let suffixes = [".journal", ".journal~"]
    /// Files that are told one by one.
    private static let toldMax = 10

    init(_ place: JournalScan.Place) { self.place = place }

    /// A clause for each file that cannot be read, because of rights or of damage, as far as opening it tells.
    ///
    /// A file that is removed meanwhile is none of them.
    func unreadable() -> [String] {
        var clauses: [String] = []
        for folder in folders {
            do throws(HostError) {
                for name in try Host.names(in: folder) ?? []
                where Self.suffixes.contains(where: name.hasSuffix) {
                    let path = "\(folder)/\(name)"
                    do throws(JournalError) { try JournalScan.tryFile(path) } catch {
                        if Host.exists(path) { clauses.append("\(path) cannot be read: \(error.reason)") }
                    }
                }
            } catch {
                clauses.append("\(error)")
            }
        }
        let rest = clauses.count - Self.toldMax
        return rest <= 0 ? clauses : clauses.prefix(Self.toldMax) + ["\(rest) more files cannot be read"]
    }

    /// The folders of journal namespaces, `MACHINE.NAME`, in a folder of journals: the library looks into those of machines alone.
    static func namespaces(in folder: String) -> [String] {
        names(in: folder).filter { name in
            let parts = name.split(separator: ".", maxSplits: 1)
            return parts.count == 2 && isMachineID(parts[0])
        }.map { "\(folder)/\($0)" }.filter(Host.isFolder)
    }

    /// Without those of a folder that cannot be read: whoever opens it is told.
    private static func names(in folder: String) -> [String] { (try? Host.names(in: folder)) ?? [] }

    private static func isMachineID(_ name: some StringProtocol) -> Bool {
        name.utf8.count == machineIDCount && name.allSatisfy(\.isHexDigit)
    }

    /// Where the library looks for files.
    private var folders: [String] {
        switch place {
        case .namespace(let name):
            guard let text = try? Host.readFile(Self.machineIDPath, bytesMax: Self.machineIDCount) else {
                return []
            }
            let machine = String(decoding: text, as: UTF8.self)
            return Self.roots.map { "\($0)/\(machine)" + (name.map { "." + $0 } ?? "") }
        case .folder(let path):
            let machines = Self.names(in: path).filter(Self.isMachineID)
            return [path] + machines.map { "\(path)/\($0)" }.filter(Host.isFolder)
        }
    }
}
