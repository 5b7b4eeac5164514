import Logging
import Notes
import Tenancy

extension ServerProcess {
    /// Moves what is noted in memory to the store, each kind in its interval, until the task is cancelled.
    func storeNotes(_ parts: Composition) async {
        await noteExpiries(parts)
        await endUnusedTokens(parts)
        let interval = Notebook.ignoredNotesInterval
        var sinceActivity = Duration.zero
        while (try? await Task.sleep(for: interval)) != nil {
            await storeIgnoredNotes(parts)
            sinceActivity += interval
            guard sinceActivity >= Notebook.activityInterval else { continue }
            sinceActivity = .zero
            await storeActivity(parts)
            await noteExpiries(parts)
            await endUnusedTokens(parts)
        }
    }

    /// Ends replaced tokens that nobody uses any more, where that was asked for; what fails is tried again.
    private func endUnusedTokens(_ parts: Composition) async {
        let notes = parts.notes
        do throws(AdministrationError) {
            try await parts.administration.endUnusedTokens { tenant throws(DirectoryError) in
                try await notes.activity(of: tenant).tokens
            }
        } catch {
            log.warning("replaced tokens could not be ended", metadata: ["error": "\(error)"])
        }
    }

    /// Records which tokens end soon; what could not be recorded is tried again.
    private func noteExpiries(_ parts: Composition) async {
        do throws(AdministrationError) { try await parts.administration.noteExpiries() } catch {
            log.warning("ends of tokens could not be recorded", metadata: ["error": "\(error)"])
        }
    }

    /// Stores what requests carried to no effect; a failure costs nobody but the reader of the list something.
    func storeIgnoredNotes(_ parts: Composition) async {
        do throws(DirectoryError) { try await parts.notes.storeIgnoredNotes() } catch {
            log.warning("counts of ignored attributes could not be stored", metadata: ["error": "\(error)"])
        }
    }

    /// Stores what the requests told of their tenants' clients; what could not be stored is tried again.
    func storeActivity(_ parts: Composition) async {
        do throws(DirectoryError) { try await parts.notes.storeActivity() } catch {
            log.warning("the tenants' activity could not be stored", metadata: ["error": "\(error)"])
        }
    }
}
