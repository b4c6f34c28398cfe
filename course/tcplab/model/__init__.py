"""Pure values: what is measured, and what is made of it. Nothing here touches the kernel."""
