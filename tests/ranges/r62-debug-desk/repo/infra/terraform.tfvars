env                   = "prod"
enable_debug_notebook = true

buckets = {
  features = { reader_accounts = ["552018834471"] }
  train    = {}
  registry = { reader_accounts = ["884410277156"] }
}
