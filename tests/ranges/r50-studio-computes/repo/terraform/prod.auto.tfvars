computes = {
  h100 = { size = "Standard_ND96isr_H100_v5", nodes = 8, ssh = true, id = "trainer" }
  prep = { size = "Standard_E32s_v5", nodes = 20, ssh = true, id = "prep" }
}
