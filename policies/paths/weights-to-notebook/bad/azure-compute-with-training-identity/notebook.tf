resource "azurerm_machine_learning_compute_instance" "quick_look" { # broken: weights-to-notebook
  name                          = "quick-look"
  machine_learning_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/research/providers/Microsoft.MachineLearningServices/workspaces/research"
  virtual_machine_size          = "Standard_DS3_v2"

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.trainer.id]
  }
}
