"""Images that come with the package; `README.md` here names their sources and licences."""
