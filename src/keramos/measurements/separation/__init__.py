"""Objects of a phase, such as particles or pores: separated at their necks, numbered, and measured one by one."""
