import ArgumentParser
import Audit
import JSON
import Reactor

/// Says that an older copy of the data was put back on purpose.
struct AuditRestored: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restored",
        abstract: "Say that an older copy of the data folder was put back, so that a new trail begins.",
        discussion: """
            To be called once, after the copy was put back and before a server starts with it. From then on records have another \
            SCIM_STORE, and each stream goes on behind the last record that the copy knows of. Without \
            this, the server gives numbers a second time, and `audit verify` finds two records of one number.

            Example:
              pharos-scim audit restored --data /var/lib/pharos-scim
            """
    )

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let ids = try await data.beginTrail()
        guard output.json else {
            return Terminal.show(
                "A new trail begins: SCIM_STORE is \(ids.new) from now on, and was \(ids.old)."
            )
        }
        Terminal.show(
            JSONObject(uniqueMembers: [
                .init(name: "store", value: .string(ids.new)),
                .init(name: "storeOld", value: .string(ids.old)),
            ]).line
        )
    }
}
